import type { JobRecord } from "./model.ts";

/** How long ended jobs of each flavor ran, in seconds, the newest last. */
export type RunHistory = ReadonlyMap<string, readonly number[]>;

/** So many runs of a flavor are remembered: enough for a steady mean, few enough to follow new habits. */
const remembered = 200;

/** The history with an ended job's run; the same history when the job never ran or still runs. */
export function withRun(history: RunHistory, job: JobRecord): RunHistory {
  const seconds = runSeconds(job);
  if (seconds === undefined) return history;
  const earlier = history.get(job.spec.flavor) ?? [];
  return new Map(history).set(job.spec.flavor, [...earlier, seconds].slice(-remembered));
}

/** How long an ended job held its slot, in seconds; undefined when it never ran or has not ended. */
export function runSeconds({ startedAt, endedAt, holdsSlot }: JobRecord): number | undefined {
  if (startedAt === undefined || endedAt === undefined || holdsSlot) return undefined;
  return Math.max(0, endedAt - startedAt) / 1000;
}
