import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { emptyLog, type LogState, loadLog, wake } from "./log-folder.ts";
import { createLogWriter, type LogWriter } from "./log-writer.ts";
import { beginning, cursorAt, type Position, type StreamName } from "./position.ts";
import { type LogEntry, type ReadOptions, readLog } from "./read-log.ts";

/** The output of jobs, a folder each: it outlives containers and schedulers. */
export interface LogStore {
  /** Opens a log to go on writing where it ends; there is one writer at a time. */
  write(id: string): Promise<LogWriter>;
  /** What is known of a log; undefined when there is none. */
  look(id: string): Promise<LogFacts | undefined>;
  /** The output; nothing for a log that is not there. */
  read(id: string, options: ReadOptions): AsyncIterable<LogEntry>;
  /** How it begins; undefined when its beginning is not kept. */
  head(id: string): Promise<{ readonly stream: StreamName; readonly bytes: Buffer } | undefined>;
  /** The last bytes of one stream, as far as they are kept, at most `length`. */
  tail(id: string, stream: StreamName, length: number): Promise<Buffer>;
  /** Takes a log away for good; its readers end. */
  remove(id: string): Promise<void>;
}

export interface LogFacts {
  readonly end: Position;
  /** When the last of it was written, in milliseconds since the epoch; 0 for an empty log. */
  readonly lastTime: number;
  readonly complete: boolean;
}

export interface LogStoreOptions {
  readonly folder: string;
  /** How much of one job's output is kept. */
  readonly keptBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly report: (fault: unknown) => void;
}

interface Use {
  readonly state: Promise<LogState | undefined>;
  count: number;
}

/** The logs that somebody reads or writes now: all see the same state. */
interface Shelf {
  readonly options: LogStoreOptions;
  readonly uses: Map<string, Use>;
}

export function createLogStore(options: LogStoreOptions): LogStore {
  const shelf: Shelf = { options, uses: new Map() };
  return {
    write: (id) => openWriter(shelf, id),
    look: (id) => look(shelf, id),
    read: (id, how) => read(shelf, id, how),
    head: (id) => headOf(shelf, id),
    tail: (id, stream, length) => tailOf(shelf, { id, stream, length }),
    remove: (id) => remove(shelf, id),
  };
}

function folderOf({ options }: Shelf, id: string): string {
  if (!/^[A-Za-z0-9-]{1,128}$/.test(id)) throw new Error(`${JSON.stringify(id)} cannot name a log`);
  return join(options.folder, id);
}

function take(shelf: Shelf, id: string, load = () => loadLog(folderOf(shelf, id))): Use {
  const use = shelf.uses.get(id) ?? { state: load(), count: 0 };
  shelf.uses.set(id, use);
  use.count += 1;
  return use;
}

function release({ uses }: Shelf, id: string, use: Use): void {
  use.count -= 1;
  if (use.count === 0 && uses.get(id) === use) uses.delete(id);
}

async function openWriter(shelf: Shelf, id: string): Promise<LogWriter> {
  const { options, uses } = shelf;
  const folder = folderOf(shelf, id);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(options.report);
  // Who looked before there was a folder knows nothing of it.
  if ((await uses.get(id)?.state) === undefined) uses.delete(id);
  const use = take(shelf, id, async () => (await loadLog(folder)) ?? emptyLog(folder));
  const state = (await use.state) ?? emptyLog(folder);
  const writer = createLogWriter(state, { ...options, segmentBytes: segmentBytesFor(options.keptBytes) });
  return {
    ...writer,
    close: async (how) => {
      await writer.close(how);
      release(shelf, id, use);
    },
  };
}

async function* read(shelf: Shelf, id: string, how: ReadOptions): AsyncIterable<LogEntry> {
  const use = take(shelf, id);
  try {
    const state = await use.state;
    if (state !== undefined) yield* readLog(state, how);
  } finally {
    release(shelf, id, use);
  }
}

async function look(shelf: Shelf, id: string): Promise<LogFacts | undefined> {
  const use = take(shelf, id);
  try {
    const state = await use.state;
    if (state === undefined) return undefined;
    const { end, lastTime, complete } = state;
    return { end, lastTime, complete };
  } finally {
    release(shelf, id, use);
  }
}

async function remove(shelf: Shelf, id: string): Promise<void> {
  const use = shelf.uses.get(id);
  const state = await use?.state;
  if (state !== undefined) {
    state.removed = true;
    wake(state);
  }
  if (shelf.uses.get(id) === use) shelf.uses.delete(id);
  await rm(folderOf(shelf, id), { recursive: true, force: true });
}

/** An eighth of what is kept, so that what goes at once is little. */
function segmentBytesFor(keptBytes: number): number {
  return Math.max(65_536, Math.min(8 * 1024 * 1024, Math.floor(keptBytes / 8)));
}

const wholeNow = { follow: false, signal: new AbortController().signal };

async function headOf(shelf: Shelf, id: string) {
  for await (const entry of read(shelf, id, wholeNow)) return "gone" in entry ? undefined : entry;
  return undefined;
}

/** Beside the other stream's bytes there may be few of the wanted one. */
const searchedBytes = 1024 * 1024;

async function tailOf(
  shelf: Shelf,
  wanted: { readonly id: string; readonly stream: StreamName; readonly length: number },
): Promise<Buffer> {
  const end = cursorAt((await look(shelf, wanted.id))?.end ?? beginning);
  const after = { ...end, bytes: Math.max(0, end.bytes - searchedBytes), gaps: 0 };
  let tail = Buffer.alloc(0);
  for await (const entry of read(shelf, wanted.id, { ...wholeNow, after })) {
    if ("gone" in entry || entry.stream !== wanted.stream) continue;
    tail = Buffer.concat([tail, entry.bytes]).subarray(-wanted.length);
  }
  return tail;
}
