import { formatBytes, formatDuration } from "@workstation/cli";
import { formatPairs } from "../output/table.ts";
import { formatTime } from "../output/time.ts";
import type { SubmitResponse } from "../protocol/index.ts";

/** What would really run, for a person: each argument in JSON's quotes, so that blanks and line ends can be seen. */
export function dryRunText({ job, dryRun }: SubmitResponse): string {
  const command = dryRun?.arguments ?? job.command;
  const mounts = dryRun?.mounts ?? [];
  return formatPairs([
    ["image", job.image],
    ["flavor", job.flavor],
    ["cores", String(job.cores)],
    ["memory", formatBytes(job.memoryBytes)],
    ["time limit", formatDuration(job.timeLimitSeconds)],
    ["datasets", job.datasets.join(", ") || "none"],
    ...command.map((word, index) => [`argument ${index}`, JSON.stringify(word)] as const),
    ...mounts.map((mount) => ["mount", `${mount.target}${mount.readOnly ? " (read-only)" : ""}`] as const),
    ["position", job.position?.toString()],
    ["expected start", job.expectedStartAt === undefined ? undefined : formatTime(job.expectedStartAt)],
    ["latest start", job.latestStartAt === undefined ? undefined : formatTime(job.latestStartAt)],
  ]);
}
