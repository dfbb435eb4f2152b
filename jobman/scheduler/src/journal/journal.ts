import { readFile } from "node:fs/promises";
import { type JournalEntry, journalEntrySchema } from "./entry.ts";
import { toJsonLine } from "./json-line.ts";
import { openLineFile } from "./line-file.ts";

/** The scheduler's own memory: an append-only file of JSON lines. */
export interface Journal {
  /** Resolves when the entries are on the disk; throws what `LineFile` throws, and then has written none of them. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Replaces the whole content at once; on failure the old content stays. */
  rewrite(entries: readonly JournalEntry[]): Promise<void>;
  close(): Promise<void>;
}

/** What a journal held when it was opened; `damaged` counts lines that could not be read, a half-written last one aside. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly entries: readonly JournalEntry[];
  readonly damaged: number;
}

/** Opens or makes the journal. */
export async function openJournal(file: string): Promise<OpenedJournal> {
  const lineFile = await openLineFile(file);
  const lines = (await readFile(file, "utf8")).split("\n").slice(0, -1);
  const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
  return {
    entries,
    damaged: lines.length - entries.length,
    journal: {
      append: (added) => lineFile.append(toText(added)),
      rewrite: (all) => lineFile.rewrite(toText(all)),
      close: lineFile.close,
    },
  };
}

function toText(entries: readonly JournalEntry[]): string {
  return entries.map(toJsonLine).join("");
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    return journalEntrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
