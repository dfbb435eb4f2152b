export const jobStates = [
  "queued",
  "starting",
  "running",
  "succeeded",
  "failed",
  "expired",
  "deleted",
] as const;
/** Where a job stands; the last four are final. */
export type JobState = (typeof jobStates)[number];

/** True while the job counts against its owner's limit. */
export function isActive(state: JobState): boolean {
  return state === "queued" || state === "starting" || state === "running";
}
