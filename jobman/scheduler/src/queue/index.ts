export { signalOf } from "./ends.ts";
export { estimateStarts, type StartEstimate } from "./estimate.ts";
export { type RunHistory, runSeconds, withRun } from "./history.ts";
export type { JobRecord, JobSpec, QueueSnapshot, StopAuthor, StopCause } from "./model.ts";
export { type Decision, deadlineOf, nextDeadline, plan, startLimitOf } from "./plan.ts";
export { type JobEvent, queuedRecord, recoveredRecord, reduce, strongerCause } from "./reduce.ts";
export { checkSubmit } from "./submit.ts";
