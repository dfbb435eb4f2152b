import type { Background } from "../diagnostics/background.ts";
import type { FaultLog } from "../diagnostics/fault-log.ts";
import type { RunHistory } from "../queue/index.ts";
import { cutText } from "../shortening/cut-texts.ts";
import type { AuditLog } from "./audit-log.ts";
import type { Journal } from "./journal.ts";
import { createJobStore, type JobStore } from "./store.ts";

/** What records stand on. */
export interface RecordsParts {
  readonly journal: Journal;
  readonly audit: AuditLog;
  readonly background: Background;
  readonly faults: Pick<FaultLog, "note">;
  /** The engine's objects of ended jobs are their records: nobody takes them away but whoever forgets the job. */
  readonly keepsRecords: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Called when something of the engine's may be taken away: see `Records.leftovers`. */
  readonly wake: () => void;
}

/** All that is known of jobs, in memory. The files of this folder work on it; nobody else sees it. */
export interface RecordsState extends RecordsParts {
  readonly store: JobStore;
  readonly books: Map<string, Book>;
  /** Jobs that nobody wants any more: their objects go wherever they turn up. */
  readonly forgotten: Set<string>;
  readonly leftovers: Map<
    string,
    { readonly keep: "log" | false; readonly due: number; readonly failures: number }
  >;
  history: RunHistory;
  lastSequence: number;
}

export function createRecordsState(parts: RecordsParts): RecordsState {
  return {
    ...parts,
    store: createJobStore(),
    books: new Map(),
    forgotten: new Set(),
    leftovers: new Map(),
    history: new Map(),
    lastSequence: 0,
  };
}

/** What is known of a job besides its record: what of it is on the disk, and since when. */
export interface Book {
  /** When this process took it in, which the engine had by then. */
  acceptedAt?: number;
  startWritten?: boolean;
  /** It ended, and the journal could not be told yet. */
  endOwed?: boolean;
  /** Its object, which was its only memory, is gone. */
  isGone?: boolean;
  /** Why it could not start, in the engine's words. */
  startError?: string;
}

export function bookOf({ books }: Pick<RecordsState, "books">, id: string): Book {
  const book = books.get(id) ?? {};
  books.set(id, book);
  return book;
}

/** Remembers why a job could not be started: the engine's words, which may repeat the whole command. */
export function noteStartError(state: RecordsState, id: string, message: string): void {
  const book = bookOf(state, id);
  const isNew = book.startError === undefined;
  book.startError = cutText(message, startErrorRoom);
  const record = state.store.get(id);
  // Who follows the job is told at once; the words change now and then, as an engine tries again.
  if (isNew && record !== undefined) state.store.put(record);
}

const startErrorRoom = 2048;

// Late news of a removed container may still come; of one forgotten so many jobs ago no more.
const rememberedIds = 10_000;

export function rememberForgotten({ forgotten }: RecordsState, id: string): void {
  forgotten.add(id);
  const [oldest] = forgotten;
  if (forgotten.size > rememberedIds && oldest !== undefined) forgotten.delete(oldest);
}
