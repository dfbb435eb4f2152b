import { cellText, exitCodes } from "@workstation/cli";
import type { Job } from "../protocol/index.ts";

/** The exit code for an ended job: its own; 1 when it never ran or nobody knows its code; 0 only for success. */
export function outcomeExitCode(job: Job): number {
  if (job.state === "succeeded") return exitCodes.ok;
  return job.exitCode === undefined || job.exitCode === 0 ? exitCodes.failure : job.exitCode;
}

/** One line that says what happened to an ended job and what would help, in the scheduler's words. */
export function outcomeLine(job: Job): string {
  return cellText([job.message, ...(job.notes ?? [])].join("; "));
}
