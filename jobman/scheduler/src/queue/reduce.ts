import { isActive } from "@workstation/jobman/protocol";
import { endOf } from "./ends.ts";
import type { JobRecord, JobSpec, Observation, StopAuthor, StopCause } from "./model.ts";

/**
 * What can happen to a job. Only what was observed says that it runs, and since when: an answer tells that the engine
 * will start it. `at`: milliseconds since the epoch, used where the engine names no time.
 */
export type JobEvent =
  /** The start is about to be asked for; before this the job holds no slot. */
  | { readonly kind: "admitting" }
  | {
      readonly kind: "answered";
      readonly outcome: "admitted" | "gone" | "conflict" | "postponed" | "failed" | "unknown";
      readonly at: number;
    }
  | { readonly kind: "observed"; readonly job: Observation; readonly at: number }
  /** The engine has no such object any more. */
  | { readonly kind: "removed"; readonly at: number }
  | { readonly kind: "stopAsked"; readonly cause: StopCause };

/** The record of a job that was just submitted, or is just read back from its engine. */
export function queuedRecord(spec: JobSpec): JobRecord {
  return { spec, state: "queued", reason: "WaitingForSlot", holdsSlot: false };
}

/** A job as a scheduler that just started finds it: what its engine shows, and the stop that was asked for before. */
export function recoveredRecord(
  spec: JobSpec,
  job: Observation,
  options: { readonly at: number; readonly stopping?: StopCause },
): JobRecord {
  const { at, stopping } = options;
  const record = queuedRecord(spec);
  const asked = stopping === undefined ? record : reduce(record, { kind: "stopAsked", cause: stopping });
  return reduce(asked, { kind: "observed", job, at });
}

/**
 * The job after `event`. Never throws: a message that is late, doubled or impossible leaves the record as it is
 * (the same object, so that callers see that nothing happened). A job only moves forward: what was seen to run is
 * never waiting again, what has ended stays ended with its first end.
 */
export function reduce(record: JobRecord, event: JobEvent): JobRecord {
  switch (event.kind) {
    case "admitting":
      return admitting(record);
    case "answered":
      return answered(record, event);
    case "observed":
      return observed(record, event);
    case "removed":
      return ended(record, { phase: "ended" }, { at: event.at, removed: true });
    case "stopAsked":
      return stopAsked(record, event.cause);
  }
}

function admitting(record: JobRecord): JobRecord {
  if (record.stopping !== undefined) return record;
  if (record.state === "queued") return { ...record, state: "starting", reason: "Starting", holdsSlot: true };
  return record.state === "starting" ? without(record, "uncertain") : record;
}

function answered(record: JobRecord, event: Extract<JobEvent, { kind: "answered" }>): JobRecord {
  if (record.state !== "starting") return record;
  switch (event.outcome) {
    case "gone":
      return ended(record, { phase: "ended" }, { at: event.at, removed: true });
    case "failed":
      return ended(record, { phase: "ended", startError: "" }, { at: event.at });
    case "unknown":
      return { ...record, uncertain: true };
    case "postponed":
      // Another may have let it go meanwhile, which was seen.
      return record.admittedAt === undefined ? putOff(record) : without(record, "uncertain");
    case "admitted":
    case "conflict":
      return without(record, "uncertain");
  }
}

function putOff(record: JobRecord): JobRecord {
  const { spec, stopping } = record;
  return { ...queuedRecord(spec), ...(stopping === undefined ? {} : { stopping }) };
}

function observed(before: JobRecord, { job, at }: Extract<JobEvent, { kind: "observed" }>): JobRecord {
  const record = job.stopping === undefined ? before : stopAsked(before, job.stopping);
  if (job.phase === "ended" || couldNotStart(job)) return ended(record, job, { at });
  if (job.phase === "held") return record;
  if (job.phase === "starting") return starting(record, job);
  if (isActive(record.state)) {
    return running(withInitError(record, job), job.startedAt ?? record.startedAt ?? at);
  }
  return record.reason === "StartFailed" && record.startedAt === undefined
    ? { ...record, startedAt: job.startedAt ?? at, holdsSlot: true }
    : record;
}

/** Somebody let it go: this scheduler, the one before it, or another's hand. */
function starting(record: JobRecord, { admittedAt }: Observation): JobRecord {
  if (record.state !== "queued" && record.state !== "starting") return record;
  const isKnown = record.state === "starting" && record.admittedAt === admittedAt && !record.uncertain;
  if (isKnown) return record;
  return {
    ...without(record, "uncertain"),
    state: "starting",
    reason: "Starting",
    holdsSlot: true,
    ...(admittedAt === undefined ? {} : { admittedAt }),
  };
}

function couldNotStart(job: Observation): boolean {
  return job.phase === "held" && job.startError !== undefined;
}

function running(record: JobRecord, startedAt: number): JobRecord {
  if (record.state === "running" && record.startedAt === startedAt) return record;
  return {
    ...without(record, "uncertain"),
    state: "running",
    reason: "Running",
    startedAt,
    holdsSlot: true,
  };
}

function ended(
  record: JobRecord,
  job: Observation,
  options: { readonly at: number; readonly removed?: boolean },
): JobRecord {
  if (!isActive(record.state)) return record.holdsSlot ? { ...record, holdsSlot: false } : record;
  const startedAt = job.startedAt ?? record.startedAt;
  const endedAt = job.endedAt ?? options.at;
  const seen = { ...record, ...(startedAt === undefined ? {} : { startedAt }), endedAt };
  return {
    ...withInitError(without(seen, "uncertain"), job),
    ...(job.outOfMemory && job.exitCode === 0 ? { memoryKilled: true } : {}),
    ...endOf(seen, job, options.removed ?? job.removed ?? false),
    ...(job.exitCode === undefined || startedAt === undefined ? {} : { exitCode: job.exitCode }),
    holdsSlot: false,
  };
}

/** The same object where nothing is new. */
function withInitError(record: JobRecord, { initError }: Observation): JobRecord {
  return initError === undefined || initError === record.initError ? record : { ...record, initError };
}

function stopAsked(record: JobRecord, cause: StopCause): JobRecord {
  const standing = strongerCause(record.stopping, cause);
  return !isActive(record.state) || standing === record.stopping ? record : { ...record, stopping: standing };
}

/** A person's wish stands above a limit or rule, and the first person's above the second's. */
export function strongerCause(first: StopCause | undefined, second: StopCause): StopCause {
  return first === undefined || (!isAuthor(first) && isAuthor(second)) ? second : first;
}

/** True where a person asked for the end. */
export function isAuthor(cause: StopCause | undefined): cause is StopAuthor {
  return cause === "user" || cause === "operator";
}

function without(record: JobRecord, key: "uncertain"): JobRecord {
  const { [key]: _, ...rest } = record;
  return rest;
}
