import { formatClock } from "@workstation/cli";
import type { Job } from "../protocol/index.ts";
import { stateColour } from "./colour.ts";
import { commandText } from "./command-text.ts";
import type { Column } from "./print.ts";
import { formatTime } from "./time.ts";

/** The columns of a table of these jobs; `now` in milliseconds. */
export function jobColumns(jobs: readonly Job[], now: number): readonly Column<Job>[] {
  return [
    { heading: "NAME", cell: (job) => job.name },
    {
      heading: "STATE",
      cell: (job) => job.state,
      paint: (text, job, paint) => paint(text, stateColour(job.state)),
    },
    { heading: "POSITION", cell: (job) => String(job.position ?? "-") },
    { heading: "EXIT", cell: (job) => String(job.exitCode ?? "-") },
    { heading: "FLAVOR", cell: (job) => job.flavor },
    { heading: "IMAGE", cell: (job) => job.image },
    { heading: "SUBMITTED", cell: (job) => formatTime(job.submittedAt) },
    { heading: "RAN", cell: (job) => runTime(job, now) },
    { heading: "REASON", wide: true, cell: (job) => job.reason },
    { heading: "EXPECTED START", wide: true, cell: (job) => optionalTime(job.expectedStartAt) },
    { heading: "LATEST START", wide: true, cell: (job) => optionalTime(job.latestStartAt) },
    { heading: "DATASETS", wide: true, cell: (job) => job.datasets.join(",") || "-" },
    { heading: "COMMAND", wide: true, cell: (job) => commandText(job.command) },
    ...(jobs.some((job) => job.notes !== undefined) ? [noteColumn] : []),
  ];
}

const noteColumn: Column<Job> = { heading: "NOTE", cell: (job) => job.notes?.join("; ") ?? "-" };

/** How long a job ran or has been running, as a clock. */
export function runTime(job: Job, now: number): string {
  if (job.startedAt === undefined) return "-";
  const end = job.endedAt === undefined ? now : Date.parse(job.endedAt);
  return formatClock((end - Date.parse(job.startedAt)) / 1000);
}

/** A time that may not be known. */
export function optionalTime(moment: string | undefined): string {
  return moment === undefined ? "-" : formatTime(moment);
}
