import { isActive } from "@workstation/jobman/protocol";
import type { EngineJob } from "../engines/engine.ts";
import type { JournalEntry } from "../journal/entry.ts";
import {
  type JobRecord,
  type JobSpec,
  queuedRecord,
  type RunHistory,
  recoveredRecord,
  reduce,
  runSeconds,
  type StopCause,
  strongerCause,
} from "../queue/index.ts";
import { endedEntry } from "./change.ts";

/** What a scheduler that just started knows, from its journal and the engine's first picture. */
export interface Recovered {
  readonly records: readonly JobRecord[];
  readonly startErrors: ReadonlyMap<string, string>;
  /** Jobs without a container. */
  readonly gone: readonly string[];
  /** Ids whose containers are no longer wanted. */
  readonly forgotten: readonly string[];
  /** Jobs whose start is in the audit already. */
  readonly startNoted: ReadonlySet<string>;
  /** Ended jobs whose end the journal does not have yet. */
  readonly newlyEnded: readonly JobRecord[];
  readonly history: RunHistory;
  readonly lastSequence: number;
  /** The journal, shortened to what still matters. */
  readonly journal: readonly JournalEntry[];
}

/**
 * Joins the two memories. The engine's objects are the truth about what waits and runs; the journal adds who asked
 * for an end, what ended long ago, and the jobs that were accepted and whose container somebody removed meanwhile.
 */
export function recover(
  entries: readonly JournalEntry[],
  jobs: readonly EngineJob[],
  now: number,
): Recovered {
  const memory = readMemory(entries);
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
    gone: records.map((each) => each.spec.id).filter((id) => !found.has(id)),
    forgotten,
    startNoted: new Set(memory.started.keys()),
    newlyEnded,
    history: historyOf(memory, records),
    lastSequence,
    journal: shortened(memory, { records, forgotten, lastSequence }),
  };
}

interface Memory {
  readonly accepted: Map<string, JobSpec>;
  readonly started: Map<string, number>;
  readonly stops: Map<string, { readonly by: StopCause; readonly at: number }>;
  readonly ended: Map<string, { readonly record: JobRecord; readonly startError?: string }>;
  readonly forgotten: Set<string>;
  readonly runs: { readonly flavor: string; readonly seconds: number }[];
  sequence: number;
}

function readMemory(entries: readonly JournalEntry[]): Memory {
  const memory: Memory = {
    accepted: new Map(),
    started: new Map(),
    stops: new Map(),
    ended: new Map(),
    forgotten: new Set(),
    runs: [],
    sequence: 0,
  };
  for (const entry of entries) remember(memory, entry);
  return memory;
}

function remember(memory: Memory, entry: JournalEntry): void {
  switch (entry.kind) {
    case "sequence":
      memory.sequence = Math.max(memory.sequence, entry.upTo);
      break;
    case "accepted":
      memory.accepted.set(entry.spec.id, entry.spec);
      memory.sequence = Math.max(memory.sequence, entry.spec.sequence);
      break;
    case "started":
      memory.started.set(entry.id, entry.at);
      break;
    case "stop":
      rememberStop(memory, entry);
      break;
    case "ended":
      rememberEnd(memory, entry);
      break;
    case "forgotten":
      forgetIn(memory, entry.id);
      break;
    case "ran":
      memory.runs.push(entry);
  }
}

function rememberStop(memory: Memory, { id, by, at }: Extract<JournalEntry, { kind: "stop" }>): void {
  const known = memory.stops.get(id);
  if (strongerCause(known?.by, by) !== known?.by) memory.stops.set(id, { by, at });
}

// An end may be written behind the deletion of its record, when both come at once: the deletion stands.
function rememberEnd(memory: Memory, entry: Extract<JournalEntry, { kind: "ended" }>): void {
  const { id } = entry.record.spec;
  if (memory.forgotten.has(id)) return;
  memory.ended.set(id, entry);
  memory.started.delete(id);
}

function forgetIn(memory: Memory, id: string): void {
  const ended = memory.ended.get(id)?.record;
  const seconds = ended === undefined ? undefined : runSeconds(ended);
  if (ended !== undefined && seconds !== undefined) memory.runs.push({ flavor: ended.spec.flavor, seconds });
  memory.ended.delete(id);
  memory.accepted.delete(id);
  memory.started.delete(id);
  memory.stops.delete(id);
  memory.forgotten.add(id);
}

function recordOf(memory: Memory, job: EngineJob, now: number): JobRecord {
  const ended = memory.ended.get(job.spec.id)?.record;
  if (ended !== undefined) return { ...ended, holdsSlot: job.phase === "running" };
  const stop = memory.stops.get(job.spec.id);
  return recoveredRecord(job.spec, job, { at: now, ...(stop === undefined ? {} : { stopping: stop.by }) });
}

/** A job that was accepted and is nowhere: it ended, and its owner shall read so. */
function lostRecord(memory: Memory, spec: JobSpec, now: number): JobRecord {
  const stop = memory.stops.get(spec.id);
  const startedAt = memory.started.get(spec.id);
  const known = { ...queuedRecord(spec), ...(startedAt === undefined ? {} : { startedAt }) };
  const asked = stop === undefined ? known : reduce(known, { kind: "stopAsked", cause: stop.by });
  return reduce(asked, { kind: "removed", at: now });
}

function startErrorsOf(memory: Memory, jobs: readonly EngineJob[]): ReadonlyMap<string, string> {
  const errors = new Map<string, string>();
  for (const { spec, startError } of jobs) if (startError !== undefined) errors.set(spec.id, startError);
  for (const [id, { startError }] of memory.ended) if (startError !== undefined) errors.set(id, startError);
  return errors;
}

function historyOf(memory: Memory, records: readonly JobRecord[]): RunHistory {
  const history = new Map<string, number[]>();
  const add = (flavor: string, seconds: number): void => {
    history.set(flavor, [...(history.get(flavor) ?? []), seconds].slice(-remembered));
  };
  for (const { flavor, seconds } of memory.runs) add(flavor, seconds);
  const ended = records.filter((record) => record.endedAt !== undefined);
  for (const record of ended.toSorted((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0))) {
    const seconds = runSeconds(record);
    if (seconds !== undefined) add(record.spec.flavor, seconds);
  }
  return history;
}

/** As many runs of a flavor as the queue looks at. */
const remembered = 200;

function shortened(
  memory: Memory,
  now: {
    readonly records: readonly JobRecord[];
    readonly forgotten: readonly string[];
    readonly lastSequence: number;
  },
): readonly JournalEntry[] {
  const ended = now.records.filter((record) => memory.ended.has(record.spec.id));
  const open = now.records.filter((record) => !memory.ended.has(record.spec.id));
  const runs = [...Map.groupBy(memory.runs, (run) => run.flavor).values()].flatMap((each) =>
    each.slice(-remembered),
  );
  return [
    { kind: "sequence", upTo: now.lastSequence },
    ...runs.map((run): JournalEntry => ({ kind: "ran", flavor: run.flavor, seconds: run.seconds })),
    ...now.forgotten.map((id): JournalEntry => ({ kind: "forgotten", id })),
    ...ended.map((record) => endedEntry(record, memory.ended.get(record.spec.id)?.startError)),
    ...open.flatMap((record) => openEntries(memory, record)),
  ];
}

function openEntries(memory: Memory, { spec }: JobRecord): readonly JournalEntry[] {
  const { id } = spec;
  const at = memory.started.get(id);
  const stop = memory.stops.get(id);
  return [
    { kind: "accepted", spec },
    ...(at === undefined ? [] : [{ kind: "started", id, at } as const]),
    ...(stop === undefined || stop.by === "deadline"
      ? []
      : [{ kind: "stop", id, by: stop.by, at: stop.at } as const]),
  ];
}
