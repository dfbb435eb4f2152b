import { formatBytes, formatDuration } from "@workstation/cli";
import { onlyValue } from "../arguments/only-value.ts";
import type { Context } from "../context.ts";
import { commandText } from "../output/command-text.ts";
import { runTime } from "../output/job-table.ts";
import { printAnswer } from "../output/print.ts";
import { formatPairs } from "../output/table.ts";
import { formatTime } from "../output/time.ts";
import type { Job } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

/** `jobman details`: everything about one job. */
export async function run(context: Context): Promise<undefined> {
  const name = onlyValue(context.arguments, "job-name", { what: "the job", command: "details" });
  const job = await context.api.call<Job>("GET", routes.job(name));
  const data = { apiVersion: "v1", job } as const;
  await printAnswer(context, {
    data,
    names: [job.name],
    text: () => formatPairs(factsOf(job, context.io.now())),
  });
}

function factsOf(job: Job, now: number): (readonly [string, string | undefined])[] {
  const annotations = Object.entries(job.annotations).map(([key, value]) => `${key}=${value}`);
  return [
    ["name", job.name],
    ["state", `${job.state} (${job.reason})`],
    ["message", job.message],
    ["warning", job.warning],
    ["note", job.notes?.join("; ")],
    ["exit code", job.exitCode?.toString()],
    ["position", job.position?.toString()],
    ["expected start", time(job.expectedStartAt)],
    ["latest start", time(job.latestStartAt)],
    ["submitted", time(job.submittedAt)],
    ["started", time(job.startedAt)],
    ["ended", time(job.endedAt)],
    ["stops at", time(job.deadlineAt)],
    ["ran", job.startedAt === undefined ? undefined : runTime(job, now)],
    ["image", job.image],
    ["command", commandText(job.command)],
    ["flavor", job.flavor],
    ["cores", String(job.cores)],
    ["memory", formatBytes(job.memoryBytes)],
    ["time limit", formatDuration(job.timeLimitSeconds)],
    ["datasets", job.datasets.join(", ") || "none"],
    ["annotations", annotations.length === 0 ? undefined : annotations.join(", ")],
    ["id", job.id],
  ];
}

function time(moment: string | undefined): string | undefined {
  return moment === undefined ? undefined : formatTime(moment);
}
