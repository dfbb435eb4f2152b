import { isActive } from "@workstation/jobman/protocol";
import { type JobEvent, type JobRecord, reduce, type StopCause, withRun } from "../queue/index.ts";
import { shortSpec } from "../shortening/short-spec.ts";
import type { JournalEntry } from "./entry.ts";
import { leaveEnded } from "./leftovers.ts";
import { bookOf, type RecordsState } from "./state.ts";

/** Lets `event` happen to a job: the one way in which a record changes. Audit and journal follow. */
export function change(state: RecordsState, id: string, event: JobEvent): void {
  const before = state.store.get(id);
  if (before === undefined) return;
  const after = reduce(before, event);
  if (after === before) return;
  state.store.put(after);
  noteStart(state, after);
  if (isActive(before.state) && !isActive(after.state)) noteEnd(state, after);
}

/** Writes down who or what asks for the end of jobs, then lets it happen to them. */
export async function askStop(state: RecordsState, ids: readonly string[], cause: StopCause): Promise<void> {
  // After a crash nothing else would tell it; a deadline is told by the job's own times.
  const by = cause === "deadline" ? undefined : cause;
  const event: JobEvent = { kind: "stopAsked", cause };
  const entries = ids.flatMap((id): readonly JournalEntry[] => {
    const record = state.store.get(id);
    if (by === undefined || record === undefined || reduce(record, event) === record) return [];
    return [{ kind: "stop", id, by, at: state.now() }];
  });
  if (entries.length > 0) await state.journal.append(entries);
  for (const id of ids) change(state, id, event);
}

/** Writes the start of a job to the audit and the journal, once. */
export function noteStart(state: RecordsState, record: JobRecord): void {
  const { id } = record.spec;
  const book = bookOf(state, id);
  if (record.startedAt === undefined || book.startWritten === true) return;
  const at = record.startedAt;
  book.startWritten = true;
  void state.background.run("journal", async () => {
    try {
      await state.audit.started(record);
      await state.journal.append([{ kind: "started", id, at }]);
    } catch (error) {
      // Tried again with the job's next change, at the latest with its end.
      book.startWritten = false;
      throw error;
    }
  });
}

/** Counts the run of a job that ended, and writes its end. */
function noteEnd(state: RecordsState, record: JobRecord): void {
  state.history = withRun(state.history, record);
  bookOf(state, record.spec.id).endOwed = true;
  writeEnd(state, record.spec.id);
}

/** Writes an owed end to the audit and the journal; tried again by `saveEnds` when it fails. */
export function writeEnd(state: RecordsState, id: string): void {
  void state.background.run("journal", () => saveEnd(state, id));
}

/** Writes the ends that could not be written before. */
export async function saveEnds(state: RecordsState): Promise<void> {
  const owed = [...state.books].filter(([, { endOwed }]) => endOwed === true);
  for (const [id] of owed) await saveEnd(state, id);
}

/** A job's end as a journal entry. */
export function endedEntry(record: JobRecord, startError: string | undefined): JournalEntry {
  const { spec, state, reason, startedAt, endedAt, exitCode, initError, memoryKilled } = record;
  return {
    kind: "ended",
    record: {
      spec: shortSpec(spec),
      state,
      reason,
      holdsSlot: false,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(initError === undefined ? {} : { initError }),
      ...(memoryKilled === undefined ? {} : { memoryKilled }),
    },
    ...(startError === undefined ? {} : { startError }),
  };
}

async function saveEnd(state: RecordsState, id: string): Promise<void> {
  const record = state.store.get(id);
  if (record === undefined || isActive(record.state)) return;
  const book = bookOf(state, id);
  if (record.startedAt !== undefined && book.startWritten !== true) await state.audit.started(record);
  await state.audit.ended(record);
  if (state.store.get(id) === undefined) return;
  await state.journal.append([endedEntry(record, book.startError)]);
  if (state.store.get(id) === undefined) return;
  book.endOwed = false;
  leaveEnded(state, id);
}
