import { cellText, formatDuration } from "@workstation/cli";
import { formatTime } from "../output/time.ts";
import type { Job } from "../protocol/index.ts";

/** Where a job stands, in one line for a person. */
export function jobLine(job: Job): string {
  return `${cellText(job.name)}: ${standing(job)}`;
}

/** What of a job's standing is worth a new line: estimates alone move with every clock tick. */
export function jobStep(job: Job): string {
  return `${job.state} ${job.position ?? ""}`;
}

function standing(job: Job): string {
  if (job.state === "queued") return `waiting for ${cellText(job.flavor)}${place(job)}`;
  if (job.state !== "running") return job.state;
  const deadline = job.deadlineAt === undefined ? "" : `, until ${formatTime(job.deadlineAt)}`;
  return `running on ${cellText(job.flavor)} (limit ${formatDuration(job.timeLimitSeconds)}${deadline})`;
}

function place(job: Job): string {
  return [
    job.position === undefined ? "" : `, position ${job.position}`,
    job.expectedStartAt === undefined ? "" : `, expected start ${formatTime(job.expectedStartAt)}`,
    job.latestStartAt === undefined ? "" : `, at the latest ${formatTime(job.latestStartAt)}`,
  ].join("");
}
