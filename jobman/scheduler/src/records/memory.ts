import { type JobRecord, type JobSpec, runSeconds, type StopCause, strongerCause } from "../queue/index.ts";
import type { JournalEntry } from "./entry.ts";

/** What the journal told, entry by entry: as much as lives, and the ids of what was forgotten since it was shortened. */
export interface Memory {
  readonly accepted: Map<string, JobSpec>;
  readonly started: Map<string, number>;
  readonly stops: Map<string, StopCause>;
  readonly ended: Map<string, { readonly record: JobRecord; readonly startError?: string }>;
  readonly forgotten: Set<string>;
  /** How long removed jobs ran, by flavor, the newest last. */
  readonly runs: Map<string, readonly number[]>;
  sequence: number;
}

export function createMemory(): Memory {
  return {
    accepted: new Map(),
    started: new Map(),
    stops: new Map(),
    ended: new Map(),
    forgotten: new Set(),
    runs: new Map(),
    sequence: 0,
  };
}

/** As many runs of a flavor as the queue looks at. */
const rememberedRuns = 200;

/** Takes the next entry of a journal into memory. */
export function remember(memory: Memory, entry: JournalEntry): void {
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
      memory.stops.set(entry.id, strongerCause(memory.stops.get(entry.id), entry.by));
      break;
    case "ended":
      rememberEnd(memory, entry);
      break;
    case "forgotten":
      forgetIn(memory, entry.id);
      break;
    case "ran":
      rememberRun(memory, entry);
  }
}

// An end may be written behind the deletion of its record, when both come at once: the deletion stands.
function rememberEnd(memory: Memory, entry: Extract<JournalEntry, { kind: "ended" }>): void {
  const { id } = entry.record.spec;
  if (memory.forgotten.has(id)) return;
  memory.ended.set(id, entry);
  memory.accepted.delete(id);
  memory.started.delete(id);
  memory.stops.delete(id);
}

function forgetIn(memory: Memory, id: string): void {
  const ended = memory.ended.get(id)?.record;
  const seconds = ended === undefined ? undefined : runSeconds(ended);
  if (ended !== undefined && seconds !== undefined)
    rememberRun(memory, { flavor: ended.spec.flavor, seconds });
  memory.ended.delete(id);
  memory.accepted.delete(id);
  memory.started.delete(id);
  memory.stops.delete(id);
  memory.forgotten.add(id);
}

function rememberRun(memory: Memory, run: { readonly flavor: string; readonly seconds: number }): void {
  const earlier = memory.runs.get(run.flavor) ?? [];
  memory.runs.set(run.flavor, [...earlier, run.seconds].slice(-rememberedRuns));
}
