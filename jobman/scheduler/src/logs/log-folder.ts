import { open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { advance, decodeFrames } from "./frames.ts";
import { beginning, cursorAt, isBefore, type Position, parseSegmentName, segmentName } from "./position.ts";

/** One file of a log. */
export interface Segment {
  readonly start: Position;
  /** Bytes of whole frames; more may lie in the file while they are being written. */
  size: number;
}

/** One job's log as this process knows it. Who changes it calls `wake`. */
export interface LogState {
  readonly folder: string;
  /** In their order; the last one grows. */
  readonly segments: Segment[];
  /** Behind the last whole frame. */
  end: Position;
  /** When the last of it was written, in milliseconds since the epoch; 0 for an empty log. */
  lastTime: number;
  /** Nothing will come any more. */
  complete: boolean;
  /** Its folder was taken away. */
  removed: boolean;
  readonly sleepers: Set<() => void>;
}

/** The file that says that a log is complete. */
export const endMark = "complete";

/** Reads a log's folder; undefined when there is none. A half frame at its end, left by a crash, is cut off. */
export async function loadLog(folder: string): Promise<LogState | undefined> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (names === undefined) return undefined;
  const starts = names.map(parseSegmentName).filter((start) => start !== undefined);
  starts.sort((a, b) => (isBefore(cursorAt(a), cursorAt(b)) ? -1 : 1));
  const segments = await Promise.all(
    starts.map(async (start) => ({ start, size: (await stat(join(folder, segmentName(start)))).size })),
  );
  const last = segments.at(-1);
  const ours = last === undefined ? emptyLog(folder) : await mendSegment(folder, last);
  return {
    ...emptyLog(folder),
    ...ours,
    segments,
    complete: names.includes(endMark),
  };
}

export function emptyLog(folder: string): LogState {
  return {
    folder,
    segments: [],
    end: beginning,
    lastTime: 0,
    complete: false,
    removed: false,
    sleepers: new Set(),
  };
}

export function wake(state: LogState): void {
  for (const each of [...state.sleepers]) each();
}

/** Where a segment ends. */
async function mendSegment(folder: string, segment: Segment): Promise<Pick<LogState, "end" | "lastTime">> {
  const path = join(folder, segmentName(segment.start));
  const { frames, length } = decodeFrames(await readFile(path));
  if (length < segment.size) {
    const file = await open(path, "r+");
    await file.truncate(length).finally(() => file.close());
    segment.size = length;
  }
  return { end: frames.reduce(advance, segment.start), lastTime: frames.at(-1)?.time ?? 0 };
}
