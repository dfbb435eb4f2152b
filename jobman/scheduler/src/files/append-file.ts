import { constants } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { oneAtATime } from "../mutex/one-at-a-time.ts";
import { type ReplaceSteps, replaceLines, unfinishedName } from "./replace-lines.ts";
import { notAFile, openError, storageError } from "./storage-error.ts";

/** A file of lines that only grows, and of which no half line is ever left; readable by its owner alone. */
export interface AppendFile {
  /** Resolves when the text, whole lines, is on the disk. Throws `STORAGE_FULL` or `STATE_UNWRITABLE`, and then none of it is there. */
  append(text: string): Promise<void>;
  /**
   * Puts `lines` in the place of what was appended before, in one step; what is appended meanwhile stands behind
   * them. `lines` is called when everybody whose append resolved has gone on. On failure the old content stays.
   */
  replace(lines: () => Iterable<string>): Promise<void>;
  /** Goes on in the file that has the name now, made if there is none: for whoever moved the old one away. */
  reopen(): Promise<void>;
  /** Bytes of whole lines. */
  size(): number;
  close(): Promise<void>;
}

/**
 * Opens or makes the file; a half-written last line, as a crash leaves it, is cut off. Links are not followed.
 * Throws `STORAGE_FULL` or `STATE_UNWRITABLE`.
 */
export async function openAppendFile(file: string): Promise<AppendFile> {
  const state: State = {
    file,
    ...(await openWhole(file)),
    torn: false,
    pending: [],
    exclusive: [],
    busy: false,
  };
  await rm(unfinishedName(file), { force: true }).catch(() => undefined);
  // Two who change which file it is must not meet; appends go on beside both.
  const inTurn = oneAtATime();
  return {
    append: (text) => enqueue(state, text),
    replace: (lines) => inTurn(() => replaceLines(stepsOf(state), lines)),
    reopen: () => inTurn(() => afterWrites(state, () => reopen(state))),
    size: () => state.length,
    close: () => inTurn(() => afterWrites(state, () => state.handle.close())),
  };
}

interface State {
  readonly file: string;
  handle: FileHandle;
  /** Bytes known to be whole lines. */
  length: number;
  /** Behind them is half a line that could not be cut off. */
  torn: boolean;
  pending: { readonly text: string; readonly done: (error?: unknown) => void }[];
  /** What waits for a moment in which nobody writes. */
  exclusive: (() => Promise<void>)[];
  busy: boolean;
}

async function openWhole(file: string): Promise<Pick<State, "handle" | "length">> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;
  const handle = await open(file, flags, 0o600).catch((error: unknown) => {
    throw openError(file, error);
  });
  try {
    if (!(await handle.stat()).isFile()) throw notAFile(file);
    const length = await lengthOfWholeLines(handle);
    await handle.truncate(length);
    return { handle, length };
  } catch (error) {
    await handle.close();
    throw error;
  }
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
    if (!state.busy) void work(state);
  });
}

/** Runs `act` while nobody writes; whoever writes without a pause does not keep it waiting. */
function afterWrites<T>(state: State, act: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    state.exclusive.push(() => act().then(resolve, reject));
    if (!state.busy) void work(state);
  });
}

async function work(state: State): Promise<void> {
  state.busy = true;
  while (state.exclusive.length > 0 || state.pending.length > 0) {
    await state.exclusive.shift()?.();
    if (state.pending.length > 0) await writePending(state);
  }
  state.busy = false;
}

// Everything that came in during one write goes into the next: many submits cost one fsync.
async function writePending(state: State): Promise<void> {
  const batch = state.pending;
  state.pending = [];
  const failure = await writeDurably(state, batch.map((each) => each.text).join(""));
  for (const each of batch) each.done(failure);
}

async function writeDurably(state: State, text: string): Promise<unknown> {
  try {
    if (state.torn) await cutTorn(state);
    await state.handle.appendFile(text);
    await state.handle.datasync();
    state.length += Buffer.byteLength(text);
    return undefined;
  } catch (error) {
    state.torn = true;
    await cutTorn(state).catch(() => undefined);
    return storageError(state.file, error);
  }
}

async function cutTorn(state: State): Promise<void> {
  await state.handle.truncate(state.length);
  state.torn = false;
}

async function reopen(state: State): Promise<void> {
  await goOnIn(state, await openWhole(state.file));
}

function stepsOf(state: State): ReplaceSteps {
  return {
    file: state.file,
    exclusively: (work) => afterWrites(state, work),
    now: () => ({ handle: state.handle, length: state.length }),
    goOnIn: (next) => goOnIn(state, next),
  };
}

async function goOnIn(state: State, next: Pick<State, "handle" | "length">): Promise<void> {
  const old = state.handle;
  state.handle = next.handle;
  state.length = next.length;
  state.torn = false;
  await old.close();
}
