import { toJsonLine } from "../diagnostics/json-line.ts";
import type { AppendFile } from "../files/append-file.ts";
import type { LineSink } from "../files/line-sink.ts";
import { type JournalEntry, journalEntrySchema } from "./entry.ts";

/** The scheduler's own memory: a file of JSON lines that grows by what is told it, and is shortened now and then. */
export interface Journal {
  /**
   * Resolves when the entries are on the disk; throws what `AppendFile` throws, and then has written none of them.
   * The caller's memory must follow at once: a shortening takes what is in memory for what was written.
   */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Replaces what was written before by what lives; what is appended meanwhile stays. On failure all stays. */
  shorten(living: Living): Promise<void>;
  /** From now on it shortens itself when that would halve it; `onFault` hears when that failed. */
  keepShort(living: Living, onFault: (error: unknown) => void): void;
  close(): Promise<void>;
}

/** All that still matters; called at the one moment for which it is true. */
export type Living = () => Iterable<JournalEntry>;

/** Below this no file is worth the work. */
const longEnough = 16 * 1024 * 1024;
/** The longest line that is read: twice what the longest request could ever become. */
const longestLine = 24 * 1024 * 1024;

/**
 * Opens or makes the journal and hands each entry of it to `take`, in bounded memory. `damaged` counts lines that
 * could not be read, a half-written last one aside.
 */
export async function openJournal(
  sink: LineSink,
  take: (entry: JournalEntry) => void,
): Promise<{ readonly journal: Journal; readonly damaged: number }> {
  const appendFile = await sink.open();
  try {
    return { journal: createJournal(appendFile, longEnough), damaged: await readEntries(sink, take) };
  } catch (error) {
    await appendFile.close();
    throw error;
  }
}

/** A journal on an open file; `leastBytes` is what it may have before it shortens itself. */
export function createJournal(appendFile: AppendFile, leastBytes: number): Journal {
  const state: State = { appendFile, due: Number.POSITIVE_INFINITY, keep: undefined };
  const shorten = async (living: Living): Promise<void> => {
    try {
      await appendFile.replace(() => toLines(living()));
    } finally {
      // After a failure, too: it is tried again when there is twice as much to gain.
      state.due = Math.max(leastBytes, 2 * appendFile.size());
    }
  };
  const shortenIfLong = (): void => {
    if (state.keep === undefined || appendFile.size() <= state.due) return;
    state.due = Number.POSITIVE_INFINITY;
    shorten(state.keep.living).catch(state.keep.onFault);
  };
  return {
    append: async (entries) => {
      await appendFile.append([...toLines(entries)].join(""));
      shortenIfLong();
    },
    shorten,
    keepShort: (living, onFault) => {
      state.keep = { living, onFault };
      state.due = Math.max(leastBytes, 2 * appendFile.size());
    },
    close: appendFile.close,
  };
}

interface State {
  readonly appendFile: AppendFile;
  /** It is shortened when it has more bytes than this. */
  due: number;
  keep: { readonly living: Living; readonly onFault: (error: unknown) => void } | undefined;
}

function* toLines(entries: Iterable<JournalEntry>): Iterable<string> {
  for (const entry of entries) yield toJsonLine(entry);
}

async function readEntries(sink: LineSink, take: (entry: JournalEntry) => void): Promise<number> {
  let damaged = 0;
  for await (const lines of sink.read(longestLine)) {
    for (const line of lines) {
      const entry = parseLine(line);
      if (entry === undefined) damaged += 1;
      else take(entry);
    }
  }
  return damaged;
}

function parseLine(line: string | undefined): JournalEntry | undefined {
  if (line === undefined) return undefined;
  try {
    return journalEntrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
