import { isUtf8 } from "node:buffer";
import { UserError } from "@workstation/cli";
import type { LogPiece } from "@workstation/jobman/protocol";

/**
 * A place in a pod's log: behind `count` lines that bear `time`, which the runtime wrote with nanoseconds. Two lines can
 * bear the same one.
 */
export interface LogPlace {
  readonly time: string;
  readonly count: number;
}

/** The opaque text of a place. */
export function formatPlace({ time, count }: LogPlace): string {
  return `${time}+${count}`;
}

/** Throws `CURSOR_INVALID`. */
export function parsePlace(text: string): LogPlace {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)\+(\d{1,9})$/.exec(text);
  const [, time, count] = match ?? [];
  if (time !== undefined && !Number.isNaN(Date.parse(time))) return { time, count: Number(count) };
  throw new UserError("CURSOR_INVALID", `${JSON.stringify(text.slice(0, 80))} is no place in a log`, {
    hint: "use the cursor of a piece that was received, unchanged",
  });
}

interface Line {
  readonly place: LogPlace;
  readonly bytes: Buffer;
}

const lineEnd = 10;
const blank = 32;

/**
 * What a kubelet hands out with time stamps, as pieces of a job's output: many lines each, each piece with the place behind
 * it. Lines up to `after` are left out; where that place is not there any more, what is missing is told.
 */
export async function* logPieces(
  chunks: AsyncIterable<Uint8Array>,
  options: { readonly after: LogPlace | undefined; readonly keptBytes: number },
): AsyncIterable<LogPiece> {
  let after = options.after;
  let last: LogPlace | undefined;
  for await (const bytes of wholeLines(chunks)) {
    const lines: Line[] = [];
    for (const raw of splitLines(bytes)) {
      const line = readLine(raw, last);
      last = line.place;
      if (after !== undefined && !isBehind(line.place, after)) {
        if (line.place.time === after.time) after = line.place.count >= after.count ? undefined : after;
        continue;
      }
      if (after !== undefined) yield gapBefore(line, after, options.keptBytes);
      after = undefined;
      lines.push(line);
    }
    yield* joined(lines);
  }
}

/** Bytes that end with a line, as much at a time as came. */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  const open: Uint8Array[] = [];
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(lineEnd);
    open.push(end < 0 ? chunk : chunk.subarray(0, end + 1));
    if (end < 0) continue;
    yield Buffer.concat(open.splice(0));
    if (end + 1 < chunk.length) open.push(chunk.subarray(end + 1));
  }
  if (open.length > 0) yield Buffer.concat(open);
}

function* splitLines(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(lineEnd, start);
    const next = end < 0 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
}

/** A line without a stamp is the kubelet's own, about itself: it stands where it came. */
function readLine(raw: Buffer, last: LogPlace | undefined): Line {
  const end = raw.indexOf(blank);
  const stamp = end < 0 ? "" : nanoseconds(raw.toString("latin1", 0, end));
  const time = stamp === "" ? (last?.time ?? nanoseconds(new Date().toISOString())) : stamp;
  const count = last?.time === time ? last.count + 1 : 1;
  return { place: { time, count }, bytes: stamp === "" ? raw : raw.subarray(end + 1) };
}

/** Always nine digits and UTC, so that texts stand in the order of times; "" for what is no time. */
function nanoseconds(text: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (match === null) return "";
  const [, second = "", fraction = "", zone = ""] = match;
  const utc = zone === "Z" ? second : new Date(`${second}${zone}`).toISOString().slice(0, 19);
  return `${utc}.${fraction.padEnd(9, "0")}Z`;
}

function isBehind(place: LogPlace, after: LogPlace): boolean {
  return place.time > after.time || (place.time === after.time && place.count > after.count);
}

function gapBefore({ place }: Line, after: LogPlace, keptBytes: number): LogPiece {
  const gone = { cause: "limit" as const, lines: 0, bytes: 0, keptBytes };
  return { time: isoOf(place), gone, cursor: formatPlace({ ...after, count: after.count + 1 }) };
}

/** One piece for what came together, unless some of it is no text. */
function* joined(lines: readonly Line[]): Iterable<LogPiece> {
  let some: Line[] = [];
  for (const line of lines) {
    const isText = isUtf8(line.bytes);
    if (!isText && some.length > 0) yield toPiece(some.splice(0));
    some.push(line);
    if (!isText) yield toPiece(some.splice(0));
  }
  if (some.length > 0) yield toPiece(some);
  some = [];
}

function toPiece(lines: readonly Line[]): LogPiece {
  const [first] = lines;
  const end = lines.at(-1);
  if (first === undefined || end === undefined) throw new Error("a piece has at least one line");
  const bytes = Buffer.concat(lines.map((line) => line.bytes));
  const place = { time: isoOf(first.place), stream: "stdout" as const, cursor: formatPlace(end.place) };
  return isUtf8(bytes)
    ? { ...place, data: bytes.toString("utf8") }
    : { ...place, base64: bytes.toString("base64") };
}

function isoOf({ time }: LogPlace): string {
  return `${time.slice(0, 23)}Z`;
}
