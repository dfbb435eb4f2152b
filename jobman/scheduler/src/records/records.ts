import type { EngineJob } from "../platforms/engine.ts";
import {
  type JobEvent,
  type JobRecord,
  type JobSpec,
  queuedRecord,
  type RunHistory,
  type StopCause,
} from "../queue/index.ts";
import { shortSpec } from "../shortening/short-spec.ts";
import type { AuditLog } from "./audit-log.ts";
import { askStop, change, saveEnds } from "./change.ts";
import { dropGone, forget } from "./forget.ts";
import { type Leftover, leaveForgotten, leftoversOf, noteRemoval } from "./leftovers.ts";
import { livingEntries } from "./living.ts";
import { createMemory, type Memory } from "./memory.ts";
import { resume } from "./resume.ts";
import {
  bookOf,
  createRecordsState,
  noteStartError,
  type RecordsParts,
  type RecordsState,
  rememberForgotten,
} from "./state.ts";
import type { JobReader } from "./store.ts";

/**
 * All that is known of jobs, in memory and on the disk. Whatever changes here is written to journal and audit by itself;
 * what could not be written is a fault and is written later.
 */
export interface Records extends JobReader {
  /** Why a job could not start, in the engine's words. */
  startError(id: string): string | undefined;
  /** When this process took the job in, which the engine had by then; undefined for what was there before it. */
  acceptedAt(id: string): number | undefined;
  /** How long ended jobs ran. */
  history(): RunHistory;
  /** The sequence number of the newest job. */
  lastSequence(): number;
  /** Gives the next number; one that is not used is a gap. */
  nextSequence(): number;

  /** Fills itself from the journal and from what the engine has: once, before anything else. */
  recover(jobs: readonly EngineJob[]): Promise<void>;
  /** Takes a job in, once it is on the disk. Throws when that fails. */
  accept(spec: JobSpec): Promise<JobRecord>;
  /** Takes in a job that the engine shows and nobody knows. */
  adopt(spec: JobSpec): void;
  /** Lets `event` happen to a job: the one way in which its record changes. */
  change(id: string, event: JobEvent): void;
  noteStartError(id: string, message: string): void;
  /** An ended job was seen to run: it takes a slot in truth, until it is ended again. */
  holdSlot(id: string): void;
  /** Writes down that the end of jobs is wished, before it is so: after a crash it still is. Throws when that fails. */
  askStop(ids: readonly string[], cause: StopCause): Promise<void>;
  /** Writes the ends that could not be written before. */
  saveEnds(): Promise<void>;

  /** Removes the records of ended jobs for good; what the engine has of them stays until `giveUp`. Throws when it cannot be written. */
  forget(records: readonly JobRecord[]): Promise<void>;
  /** Nobody wants anything of these jobs: what the engine has of them is left over, also what turns up later. */
  giveUp(ids: readonly string[]): void;
  /** The object of a job, the only memory of it, is gone: so is its record soon, whoever follows it has seen its end by then. */
  noteGone(id: string): void;
  isGone(id: string): boolean;
  /** Lets go of what is gone. */
  dropGone(): void;
  isForgotten(id: string): boolean;
  /** What the engine may take away now of jobs that are over and written, and when there will be more. */
  leftovers(options?: { readonly urgentOnly: boolean }): ReturnType<typeof leftoversOf>;
  /** Tells what became of a removal: what did not succeed is left over again in a minute. */
  noteRemoval(leftover: Leftover, done: boolean): void;

  /** Writes a refused request to the audit. */
  readonly noteRefusal: AuditLog["refused"];
  /** Goes on in new files where somebody moved them away; what must be remembered is in the new journal. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

/** Records on an open journal, which told `memory`, and an open audit. */
export function createRecords(parts: RecordsParts, memory: Memory = createMemory()): Records {
  const state = createRecordsState(parts);
  const { put: _, remove: __, ...reader } = state.store;
  return { ...reader, ...bookkeeping(state), ...changes(state), ...removal(state), ...files(state, memory) };
}

type Part<Name extends keyof Records> = Pick<Records, Name>;

function bookkeeping(
  state: RecordsState,
): Part<"startError" | "acceptedAt" | "noteStartError" | "history" | "lastSequence" | "nextSequence"> {
  return {
    startError: (id) => state.books.get(id)?.startError,
    acceptedAt: (id) => state.books.get(id)?.acceptedAt,
    noteStartError: (id, message) => noteStartError(state, id, message),
    history: () => state.history,
    lastSequence: () => state.lastSequence,
    nextSequence: () => {
      state.lastSequence += 1;
      return state.lastSequence;
    },
  };
}

function changes(
  state: RecordsState,
): Part<"accept" | "adopt" | "change" | "holdSlot" | "askStop" | "saveEnds"> {
  return {
    accept: (spec) => accept(state, spec),
    adopt: (spec) => adopt(state, spec),
    change: (id, event) => change(state, id, event),
    holdSlot: (id) => holdSlot(state, id),
    askStop: (ids, cause) => askStop(state, ids, cause),
    saveEnds: () => saveEnds(state),
  };
}

function removal(
  state: RecordsState,
): Part<
  "forget" | "giveUp" | "noteGone" | "isGone" | "dropGone" | "isForgotten" | "leftovers" | "noteRemoval"
> {
  return {
    forget: (records) => forget(state, records),
    giveUp: (ids) => {
      for (const id of ids) rememberForgotten(state, id);
      leaveForgotten(state, ids);
    },
    noteGone: (id) => {
      if (state.store.get(id) !== undefined) bookOf(state, id).isGone = true;
    },
    isGone: (id) => state.books.get(id)?.isGone === true,
    dropGone: () => dropGone(state),
    isForgotten: (id) => state.forgotten.has(id),
    leftovers: (options = { urgentOnly: false }) => leftoversOf(state, options),
    noteRemoval: (leftover, done) => noteRemoval(state, leftover, done),
  };
}

function files(state: RecordsState, memory: Memory): Part<"recover" | "noteRefusal" | "reopen" | "close"> {
  const { journal, audit } = state;
  let told = memory;
  return {
    recover: async (jobs) => {
      const before = told;
      told = createMemory();
      await resume(state, before, jobs);
    },
    noteRefusal: audit.refused,
    reopen: async () => {
      await audit.reopen();
      await journal.shorten(() => livingEntries(state));
    },
    close: async () => {
      await journal.close();
      await audit.close();
    },
  };
}

async function accept(state: RecordsState, spec: JobSpec): Promise<JobRecord> {
  await state.journal.append([{ kind: "accepted", spec: shortSpec(spec) }]);
  const record = queuedRecord(spec);
  // Where the engine gives the order, it is not ours.
  state.lastSequence = Math.max(state.lastSequence, spec.sequence);
  bookOf(state, spec.id).acceptedAt = state.now();
  state.store.put(record);
  return record;
}

function adopt(state: RecordsState, spec: JobSpec): void {
  state.lastSequence = Math.max(state.lastSequence, spec.sequence);
  state.store.put(queuedRecord(spec));
}

function holdSlot({ store }: RecordsState, id: string): void {
  const record = store.get(id);
  if (record !== undefined) store.put({ ...record, holdsSlot: true });
}
