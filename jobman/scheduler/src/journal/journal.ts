import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { type JournalEntry, journalEntrySchema } from "./entry.ts";
import { toJsonLine } from "./json-line.ts";

/** The scheduler's own memory: an append-only file of JSON lines. */
export interface Journal {
  /** Resolves when the entries are on the disk; throws `STORAGE_FULL` or `JOURNAL_UNWRITABLE` and then has written none of them. */
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

/** Opens or makes the journal; readable by its owner alone. A half-written last line is cut off. */
export async function openJournal(file: string): Promise<OpenedJournal> {
  const { entries, damaged, length } = parseJournal(await readIfThere(file));
  const state: State = { file, handle: await openForAppend(file), length, pending: [], busy: undefined };
  await state.handle.truncate(length);
  return {
    entries,
    damaged,
    journal: {
      append: (added) => enqueue(state, added.map(toJsonLine).join("")),
      rewrite: (all) => afterWrites(state, () => replace(state, all.map(toJsonLine).join(""))),
      close: () => afterWrites(state, () => state.handle.close()),
    },
  };
}

interface State {
  readonly file: string;
  handle: FileHandle;
  /** Bytes known to be whole lines. */
  length: number;
  pending: { readonly text: string; readonly done: (error?: unknown) => void }[];
  busy: Promise<void> | undefined;
}

async function readIfThere(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function parseJournal(content: Buffer) {
  const length = content.lastIndexOf("\n") + 1;
  const lines = content.subarray(0, length).toString("utf8").split("\n").slice(0, -1);
  const entries = lines.map(parseLine).filter((entry) => entry !== undefined);
  return { entries, damaged: lines.length - entries.length, length };
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    return journalEntrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function openForAppend(file: string): Promise<FileHandle> {
  return open(
    file,
    constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW,
    0o600,
  );
}

function enqueue(state: State, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    state.pending.push({ text, done: (error) => (error === undefined ? resolve() : reject(error)) });
    state.busy ??= flush(state);
  });
}

// Everything that came in during one write goes into the next: many submits cost one fsync.
async function flush(state: State): Promise<void> {
  while (state.pending.length > 0) {
    const batch = state.pending;
    state.pending = [];
    const failure = await writeDurably(state, batch.map((each) => each.text).join(""));
    for (const each of batch) each.done(failure);
  }
  state.busy = undefined;
}

async function writeDurably(state: State, text: string): Promise<unknown> {
  try {
    await state.handle.appendFile(text);
    await state.handle.datasync();
    state.length += Buffer.byteLength(text);
    return undefined;
  } catch (error) {
    await state.handle.truncate(state.length).catch(() => undefined);
    return storageError(state.file, error);
  }
}

async function afterWrites<T>(state: State, work: () => Promise<T>): Promise<T> {
  while (state.busy !== undefined) await state.busy;
  let finished = (): void => undefined;
  state.busy = new Promise((resolve) => {
    finished = resolve;
  });
  try {
    return await work();
  } finally {
    state.busy = state.pending.length > 0 ? flush(state) : undefined;
    finished();
  }
}

async function replace(state: State, text: string): Promise<void> {
  const temporary = `${state.file}.new`;
  try {
    const handle = await open(temporary, "w", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, state.file);
    await syncFolder(dirname(state.file));
  } catch (error) {
    throw storageError(state.file, error);
  }
  const old = state.handle;
  state.handle = await openForAppend(state.file);
  state.length = Buffer.byteLength(text);
  await old.close();
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function storageError(file: string, cause: unknown): UserError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new UserError("STORAGE_FULL", `the scheduler's disk is full: ${file} could not be written`, {
      hint: "nothing was changed; the operator must free space, then try again",
      exitCode: exitCodes.tryLater,
      cause,
    });
  }
  return new UserError("JOURNAL_UNWRITABLE", `${file} could not be written: ${(cause as Error).message}`, {
    hint: "nothing was changed; the operator must mend the state folder",
    exitCode: exitCodes.unavailable,
    cause,
  });
}
