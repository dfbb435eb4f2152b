import { open } from "node:fs/promises";
import { join } from "node:path";
import { advance, decodeFrames, type Frame, headerLength, joinFrames, longestFrame } from "./frames.ts";
import type { LogState, Segment } from "./log-folder.ts";
import {
  beginning,
  type Cursor,
  cursorAt,
  isBefore,
  type Position,
  type StreamName,
  segmentName,
} from "./position.ts";

/** A part of a job's output, or what is missing in its place; `end` is the place behind it. */
export type LogEntry =
  | { readonly time: number; readonly stream: StreamName; readonly bytes: Buffer; readonly end: Cursor }
  | { readonly time: number; readonly gone: Gone; readonly end: Cursor };

/** `limit`: older than what is kept; `disk`: it could not be stored; `absence`: nobody listened, and how much it was is not known. */
export interface Gone {
  readonly cause: "limit" | "disk" | "absence";
  readonly bytes: number;
  readonly lines: number;
}

export interface ReadOptions {
  readonly after?: Cursor;
  /** Goes on until the log is complete; else until its end as it is now. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

interface Reading {
  readonly state: LogState;
  readonly options: ReadOptions;
  /** What was handed out. */
  at: Cursor;
  open: { readonly segment: Segment; offset: number; position: Position } | undefined;
}

/** Everything behind `after` that is kept, in its order and once; what is not kept is said in its place, once. */
export async function* readLog(state: LogState, options: ReadOptions): AsyncIterable<LogEntry> {
  const reading: Reading = { state, options, at: options.after ?? cursorAt(beginning), open: undefined };
  const last = options.follow ? undefined : cursorAt(state.end);
  while (!options.signal.aborted && !state.removed) {
    if (last !== undefined && !isBefore(reading.at, last)) return;
    if (hasMore(reading)) yield* readSome(reading);
    else if (!options.follow || state.complete) return;
    else await change(state, options.signal);
    const gone = skipDeleted(reading);
    if (gone !== undefined) yield gone;
  }
}

/** Leads to the next bytes that nobody has read; false when there are none now. */
function hasMore(reading: Reading): boolean {
  const { open: current } = reading;
  if (current !== undefined && current.offset < current.segment.size) return true;
  const next = nextSegment(reading);
  if (next === undefined) return false;
  reading.open = { segment: next, offset: 0, position: next.start };
  return true;
}

function nextSegment({ open: current, state, at }: Reading): Segment | undefined {
  if (current !== undefined) {
    const here = cursorAt(current.segment.start);
    return state.segments.find((each) => isBefore(here, cursorAt(each.start)));
  }
  const reached = state.segments.filter((each) => !isBefore(at, cursorAt(each.start)));
  return reached.at(-1) ?? state.segments[0];
}

/** What lies between what was handed out and the oldest bytes that are left. */
function skipDeleted(reading: Reading): LogEntry | undefined {
  const { open: current, at, options } = reading;
  if (current === undefined || current.offset > 0) return undefined;
  const start = cursorAt(current.segment.start);
  if (!isBefore(at, start)) return undefined;
  reading.at = start;
  const gone = {
    cause: "limit",
    bytes: start.bytes - at.bytes,
    lines: Math.max(0, start.lines - at.lines),
  } as const;
  return options.signal.aborted ? undefined : { time: Date.now(), gone, end: start };
}

const atOnceBytes = 4 * (longestFrame + headerLength);

async function* readSome(reading: Reading): AsyncIterable<LogEntry> {
  const current = reading.open;
  if (current === undefined || isBefore(reading.at, cursorAt(current.position))) return;
  const bytes = await readBytes(reading.state.folder, current);
  if (bytes === undefined) {
    // It was deleted for its age.
    current.offset = current.segment.size;
    return;
  }
  const { frames, length } = decodeFrames(bytes);
  if (length === 0 && bytes.length > 0)
    throw new Error(`${reading.state.folder}: no frame where one should be`);
  current.offset += length;
  for (const frame of joinFrames(frames)) {
    const start = cursorAt(current.position);
    current.position = advance(current.position, frame);
    const end = cursorAt(current.position);
    if (!isBefore(reading.at, end)) continue;
    const entry = toEntry(frame, { skip: reading.at.bytes - start.bytes, end });
    reading.at = end;
    yield entry;
  }
}

/** Opened for each read: a reader who goes away in the middle leaves nothing open. */
async function readBytes(
  folder: string,
  { segment, offset }: { readonly segment: Segment; readonly offset: number },
): Promise<Buffer | undefined> {
  const wanted = Math.min(atOnceBytes, segment.size - offset);
  try {
    const file = await open(join(folder, segmentName(segment.start)), "r");
    const read = file.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
    const { buffer, bytesRead } = await read.finally(() => file.close());
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function toEntry(frame: Frame, { skip, end }: { readonly skip: number; readonly end: Cursor }): LogEntry {
  if ("gap" in frame) {
    const { cause, stdout, stderr, lines } = frame.gap;
    return { time: frame.time, gone: { cause, bytes: stdout + stderr, lines }, end };
  }
  return { time: frame.time, stream: frame.stream, bytes: frame.bytes.subarray(Math.max(0, skip)), end };
}

/** Resolves with the next change of the log, or when nobody reads any more. */
async function change(state: LogState, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      state.sleepers.delete(done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    state.sleepers.add(done);
    signal.addEventListener("abort", done, { once: true });
  });
}
