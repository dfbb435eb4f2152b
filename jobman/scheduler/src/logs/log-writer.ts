import { type FileHandle, mkdir, open, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { advance, encodeFrame, type Frame, type Gap, joinFrames, longestFrame } from "./frames.ts";
import { endMark, type LogState, type Segment, wake } from "./log-folder.ts";
import { type Position, type StreamName, segmentName } from "./position.ts";

/** Adds to one job's log. Never fails: what the disk does not take is counted, and said at its place once it does. */
export interface LogWriter {
  /** Behind all that was handed over. */
  position(): Position;
  /** Takes the bytes; resolves when there is room for more. */
  write(stream: StreamName, bytes: Buffer, time: number): Promise<void>;
  /** Says that an unknown part is missing here. */
  writeAbsence(time: number): void;
  /** Resolves when all that was handed over is in the files, or was refused by the disk. */
  flush(): Promise<void>;
  /** Flushes; with `complete` the log is marked as such. */
  close(options: { readonly complete: boolean }): Promise<void>;
}

export interface WriterOptions {
  /** At least so many bytes of files are kept, and one segment more. */
  readonly keptBytes: number;
  readonly segmentBytes: number;
  readonly now: () => number;
  /** Hears once of each time in which the disk takes nothing. */
  readonly report: (fault: unknown) => void;
}

interface Work {
  readonly state: LogState;
  readonly options: WriterOptions;
  /** Handed over and not yet in a file. */
  pending: Frame[];
  pendingBytes: number;
  position: Position;
  /** What the disk refused since it last took something. */
  lost: Gap | undefined;
  retryAt: number;
  file: FileHandle | undefined;
  draining: Promise<void> | undefined;
}

/** So many bytes wait in memory at most. */
const roomBytes = 1024 * 1024;
const retryMs = 1_000;

export function createLogWriter(state: LogState, options: WriterOptions): LogWriter {
  const work: Work = {
    state,
    options,
    pending: [],
    pendingBytes: 0,
    position: state.end,
    lost: undefined,
    retryAt: 0,
    file: undefined,
    draining: undefined,
  };
  return {
    position: () => work.position,
    async write(stream, bytes, time) {
      for (let start = 0; start < bytes.length; start += longestFrame) {
        add(work, { stream, time, bytes: bytes.subarray(start, start + longestFrame) });
      }
      while (work.pendingBytes > Math.min(roomBytes, options.segmentBytes)) await drained(work);
    },
    writeAbsence: (time) => add(work, { time, gap: { cause: "absence", stdout: 0, stderr: 0, lines: 0 } }),
    flush: () => drained(work),
    close: ({ complete }) => close(work, complete),
  };
}

function add(work: Work, frame: Frame): void {
  work.position = advance(work.position, frame);
  work.pending.push(frame);
  work.pendingBytes += "gap" in frame ? 0 : frame.bytes.length;
  void drained(work);
}

/** Resolves when nothing is left in hand; what is added at the very end of a round is in it or begins the next. */
function drained(work: Work): Promise<void> {
  if (work.draining === undefined && work.pending.length > 0) work.draining = drain(work);
  return work.draining ?? Promise.resolve();
}

async function drain(work: Work): Promise<void> {
  try {
    while (work.pending.length > 0) {
      const frames = joinFrames(work.pending);
      work.pending = [];
      work.pendingBytes = 0;
      for (const part of partsOf(work, frames)) await commitOrLose(work, part);
      wake(work.state);
    }
  } finally {
    // In the same step as the last look at what is pending: nothing can come in between and stay there.
    work.draining = undefined;
  }
}

/** What goes into one file. */
interface Part {
  readonly frames: readonly Frame[];
  readonly inNewSegment: boolean;
}

/** A new file begins behind a line end, so that what is kept does, too; output without any waits for one a while. */
function partsOf({ state, options }: Work, frames: readonly Frame[]): readonly Part[] {
  const size = state.segments.at(-1)?.size ?? Number.POSITIVE_INFINITY;
  const isFull = size >= options.segmentBytes;
  if (!isFull || size >= 2 * options.segmentBytes) return [{ frames, inNewSegment: isFull }];
  for (const [index, frame] of frames.entries()) {
    const end = "gap" in frame ? 0 : frame.bytes.indexOf("\n") + 1;
    if (end === 0 || "gap" in frame) continue;
    const [head, tail] = [frame.bytes.subarray(0, end), frame.bytes.subarray(end)];
    const rest = tail.length === 0 ? [] : [{ ...frame, bytes: tail }];
    return [
      { frames: [...frames.slice(0, index), { ...frame, bytes: head }], inNewSegment: false },
      { frames: [...rest, ...frames.slice(index + 1)], inNewSegment: true },
    ].filter((part) => part.frames.length > 0);
  }
  return [{ frames, inNewSegment: false }];
}

async function commitOrLose(work: Work, { frames, inNewSegment }: Part): Promise<void> {
  if (work.state.removed) return;
  if (work.lost !== undefined && work.options.now() < work.retryAt) return lose(work, frames);
  const gap = work.lost === undefined ? [] : [gapFrame(work, work.lost)];
  try {
    await commit(work, { frames: [...gap, ...frames], inNewSegment });
    work.lost = undefined;
  } catch (fault) {
    if (work.lost === undefined && !work.state.removed) work.options.report(fault);
    work.retryAt = work.options.now() + retryMs;
    lose(work, frames);
  }
}

function gapFrame(work: Work, gap: Gap): Frame {
  return { time: work.options.now(), gap };
}

function lose(work: Work, frames: readonly Frame[]): void {
  const before = { ...(work.lost ?? { stdout: 0, stderr: 0, lines: 0 }), gaps: 0 };
  const { stdout, stderr, lines } = frames.reduce(advance, before);
  work.lost = { cause: "disk", stdout, stderr, lines };
}

async function commit(work: Work, { frames, inNewSegment }: Part): Promise<void> {
  const { state } = work;
  const { segment, file } = await openSegment(work, inNewSegment);
  const buffers = frames.flatMap(encodeFrame);
  try {
    await writeAll(file, buffers, segment.size);
  } catch (fault) {
    await file.truncate(segment.size);
    throw fault;
  }
  segment.size += buffers.reduce((sum, each) => sum + each.length, 0);
  state.end = frames.reduce(advance, state.end);
  state.lastTime = frames.at(-1)?.time ?? state.lastTime;
  await dropOldest(work);
}

/** As many buffers at once as a system call takes. */
const atOnce = 512;

async function writeAll(file: FileHandle, buffers: readonly Buffer[], at: number): Promise<void> {
  let offset = at;
  for (let start = 0; start < buffers.length; start += atOnce) {
    const some = buffers.slice(start, start + atOnce);
    const length = some.reduce((sum, each) => sum + each.length, 0);
    const { bytesWritten } = await file.writev(some, offset);
    if (bytesWritten < length)
      await writeRest(file, Buffer.concat(some).subarray(bytesWritten), offset + bytesWritten);
    offset += length;
  }
}

async function writeRest(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

async function openSegment(
  work: Work,
  inNewSegment: boolean,
): Promise<{ readonly segment: Segment; readonly file: FileHandle }> {
  const { state } = work;
  const last = state.segments.at(-1);
  if (last !== undefined && !inNewSegment) {
    work.file ??= await open(pathOf(state, last), "r+");
    return { segment: last, file: work.file };
  }
  const segment: Segment = { start: state.end, size: 0 };
  await mkdir(state.folder, { recursive: true, mode: 0o700 });
  const file = await open(pathOf(state, segment), "w", 0o600);
  await work.file?.close();
  work.file = file;
  state.segments.push(segment);
  return { segment, file };
}

function pathOf(state: LogState, segment: Segment): string {
  return join(state.folder, segmentName(segment.start));
}

async function dropOldest({ state, options }: Work): Promise<void> {
  let size = state.segments.reduce((sum, each) => sum + each.size, 0);
  for (;;) {
    const [oldest, next] = state.segments;
    if (oldest === undefined || next === undefined || size - oldest.size < options.keptBytes) return;
    state.segments.shift();
    size -= oldest.size;
    await unlink(pathOf(state, oldest)).catch(options.report);
  }
}

async function close(work: Work, complete: boolean): Promise<void> {
  const { state, options } = work;
  await drained(work);
  if (work.lost !== undefined) {
    work.retryAt = 0;
    await commitOrLose(work, { frames: [], inNewSegment: false });
  }
  await work.file?.close();
  work.file = undefined;
  if (complete && !state.removed) {
    await writeFile(join(state.folder, endMark), "", { mode: 0o600 }).catch(options.report);
    state.complete = true;
  }
  wake(state);
}
