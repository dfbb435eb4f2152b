import { constants } from "node:fs";
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";

/** A file of lines that only grows, and of which no half line is ever left; readable by its owner alone. */
export interface LineFile {
  /** Resolves when the text, whole lines, is on the disk. Throws `STORAGE_FULL` or `STATE_UNWRITABLE`, and then none of it is there. */
  append(text: string): Promise<void>;
  /** Replaces the whole content at once; on failure the old content stays. */
  rewrite(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens or makes the file; a half-written last line, as a crash leaves it, is cut off. Links are not followed. */
export async function openLineFile(file: string): Promise<LineFile> {
  const handle = await openForAppend(file);
  const length = await lengthOfWholeLines(handle);
  await handle.truncate(length);
  const state: State = { file, handle, length, pending: [], busy: undefined };
  return {
    append: (text) => enqueue(state, text),
    rewrite: (text) => afterWrites(state, () => replace(state, text)),
    close: () => afterWrites(state, () => state.handle.close()),
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

function openForAppend(file: string): Promise<FileHandle> {
  return open(file, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW, 0o600);
}

const chunkBytes = 65_536;

async function lengthOfWholeLines(handle: FileHandle): Promise<number> {
  let end = (await handle.stat()).size;
  while (end > 0) {
    const start = Math.max(0, end - chunkBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start);
    const lineEnd = buffer.subarray(0, bytesRead).lastIndexOf("\n");
    if (lineEnd >= 0) return start + lineEnd + 1;
    end = start;
  }
  return 0;
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
  return new UserError("STATE_UNWRITABLE", `${file} could not be written: ${(cause as Error).message}`, {
    hint: "nothing was changed; the operator must mend the state folder",
    exitCode: exitCodes.unavailable,
    cause,
  });
}
