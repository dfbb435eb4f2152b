import { isActive } from "@workstation/jobman/protocol";
import type { EngineJob } from "../platforms/engine.ts";
import {
  type JobRecord,
  type JobSpec,
  queuedRecord,
  type RunHistory,
  recoveredRecord,
  reduce,
  withRun,
} from "../queue/index.ts";
import type { Memory } from "./memory.ts";

/** What a scheduler that just started knows, from its journal and the engine's first picture. */
export interface Recovered {
  readonly records: readonly JobRecord[];
  readonly startErrors: ReadonlyMap<string, string>;
  /** Jobs whose end the journal has, and whose container is still there. */
  readonly finished: readonly string[];
  /** Ids whose containers are no longer wanted. */
  readonly forgotten: readonly string[];
  /** Jobs whose start is in the audit already. */
  readonly startNoted: ReadonlySet<string>;
  /** Ended jobs whose end the journal does not have yet. */
  readonly newlyEnded: readonly JobRecord[];
  readonly history: RunHistory;
  readonly lastSequence: number;
}

/**
 * Joins the two memories. The engine's objects are the truth about what waits and runs; the journal adds who asked
 * for an end, what ended long ago, and the jobs that were accepted and whose container somebody removed meanwhile.
 */
export function recover(memory: Memory, jobs: readonly EngineJob[], now: number): Recovered {
  const here = jobs.filter((job) => !memory.forgotten.has(job.spec.id));
  const found = new Set(here.map((job) => job.spec.id));
  const records = [
    ...here.map((job) => recordOf(memory, job, now)),
    ...[...memory.ended.values()].map((each) => each.record).filter((each) => !found.has(each.spec.id)),
    ...[...memory.accepted.values()]
      .filter((spec) => !found.has(spec.id) && !memory.ended.has(spec.id))
      .map((spec) => lostRecord(memory, spec, now)),
  ];
  const lastSequence = records.reduce(
    (highest, { spec }) => Math.max(highest, spec.sequence),
    memory.sequence,
  );
  const forgotten = jobs.map((job) => job.spec.id).filter((id) => memory.forgotten.has(id));
  const newlyEnded = records.filter((each) => !isActive(each.state) && !memory.ended.has(each.spec.id));
  return {
    records,
    startErrors: startErrorsOf(memory, jobs),
    finished: here.map((job) => job.spec.id).filter((id) => memory.ended.has(id)),
    forgotten,
    startNoted: new Set(memory.started.keys()),
    newlyEnded,
    history: historyOf(memory, records),
    lastSequence,
  };
}

function recordOf(memory: Memory, job: EngineJob, now: number): JobRecord {
  const ended = memory.ended.get(job.spec.id)?.record;
  if (ended !== undefined) return { ...ended, holdsSlot: job.phase === "running" };
  const stop = memory.stops.get(job.spec.id);
  return recoveredRecord(job.spec, job, { at: now, ...(stop === undefined ? {} : { stopping: stop }) });
}

/** A job that was accepted and is nowhere: it ended, and its owner shall read so. */
function lostRecord(memory: Memory, spec: JobSpec, now: number): JobRecord {
  const stop = memory.stops.get(spec.id);
  const startedAt = memory.started.get(spec.id);
  const known = { ...queuedRecord(spec), ...(startedAt === undefined ? {} : { startedAt }) };
  const asked = stop === undefined ? known : reduce(known, { kind: "stopAsked", cause: stop });
  return reduce(asked, { kind: "removed", at: now });
}

function startErrorsOf(memory: Memory, jobs: readonly EngineJob[]): ReadonlyMap<string, string> {
  const errors = new Map<string, string>();
  for (const { spec, startError } of jobs) if (startError !== undefined) errors.set(spec.id, startError);
  for (const [id, { startError }] of memory.ended) if (startError !== undefined) errors.set(id, startError);
  return errors;
}

function historyOf(memory: Memory, records: readonly JobRecord[]): RunHistory {
  const ended = records.filter((record) => record.endedAt !== undefined);
  const inOrder = ended.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
  return inOrder.reduce<RunHistory>(withRun, memory.runs);
}
