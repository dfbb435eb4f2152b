import { type FileHandle, mkdir, open, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { advance, encodeFrame, type Frame, type Gap, longestFrame } from "./frames.ts";
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

function drained(work: Work): Promise<void> {
  work.draining ??= drain(work).finally(() => {
    work.draining = undefined;
  });
  return work.draining;
}

async function drain(work: Work): Promise<void> {
  while (work.pending.length > 0) {
    const frames = joinFrames(work.pending);
    work.pending = [];
    work.pendingBytes = 0;
    await commitOrLose(work, frames);
    wake(work.state);
  }
}

/** Small writes of one stream become one frame: a header each would be most of the file. */
function joinFrames(frames: readonly Frame[]): readonly Frame[] {
  const joined: Frame[] = [];
  let open: { stream: StreamName; time: number; parts: Buffer[]; length: number } | undefined;
  const finish = (): void => {
    if (open !== undefined) joined.push({ ...open, bytes: Buffer.concat(open.parts) });
    open = undefined;
  };
  for (const frame of frames) {
    if ("gap" in frame) {
      finish();
      joined.push(frame);
    } else if (open?.stream === frame.stream && open.length + frame.bytes.length <= longestFrame) {
      open.parts.push(frame.bytes);
      open.length += frame.bytes.length;
    } else {
      finish();
      open = { stream: frame.stream, time: frame.time, parts: [frame.bytes], length: frame.bytes.length };
    }
  }
  finish();
  return joined;
}

async function commitOrLose(work: Work, frames: readonly Frame[]): Promise<void> {
  if (work.state.removed) return;
  if (work.lost !== undefined && work.options.now() < work.retryAt) return lose(work, frames);
  try {
    await commit(work, work.lost === undefined ? frames : [gapFrame(work, work.lost), ...frames]);
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

async function commit(work: Work, frames: readonly Frame[]): Promise<void> {
  const { state } = work;
  const { segment, file } = await openSegment(work);
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

async function openSegment(work: Work): Promise<{ readonly segment: Segment; readonly file: FileHandle }> {
  const { state, options } = work;
  const last = state.segments.at(-1);
  if (last !== undefined && last.size < options.segmentBytes) {
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
    await commitOrLose(work, []);
  }
  await work.file?.close();
  work.file = undefined;
  if (complete && !state.removed) {
    await writeFile(join(state.folder, endMark), "", { mode: 0o600 }).catch(options.report);
    state.complete = true;
  }
  wake(state);
}
