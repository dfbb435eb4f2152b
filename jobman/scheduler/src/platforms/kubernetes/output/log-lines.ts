import { isUtf8 } from "node:buffer";
import { UserError } from "@workstation/cli";
import type { LogPiece } from "@workstation/jobman/protocol";
import { unfinishedLength } from "../../../logs/log-pieces.ts";
import { createInitLines, type InitLines } from "./init-lines.ts";

/**
 * A place in a pod's log: behind `count` lines that bear `time`, which the runtime wrote with nanoseconds; two lines can
 * bear the same one. With `offset`, behind so many bytes of the last of them.
 */
export interface LogPlace {
  readonly time: string;
  readonly count: number;
  readonly offset?: number;
  /** It stands in the output of `init.sh`. */
  readonly init?: boolean;
}

/** The opaque text of a place. */
export function formatPlace({ time, count, offset, init = false }: LogPlace): string {
  return `${time}+${count}${offset === undefined ? "" : `.${offset}`}${init ? "i" : ""}`;
}

/** Throws `CURSOR_INVALID`. */
export function parsePlace(text: string): LogPlace {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)\+(\d{1,9})(?:\.(\d{1,15}))?(i?)$/.exec(text);
  const [, time, count, offset, init] = match ?? [];
  if (time !== undefined && !Number.isNaN(Date.parse(time))) {
    const within = offset === undefined ? {} : { offset: Number(offset) };
    return { time, count: Number(count), ...within, ...(init === "i" ? { init: true } : {}) };
  }
  throw new UserError("CURSOR_INVALID", `${JSON.stringify(text.slice(0, 80))} is no place in a log`, {
    hint: "use the cursor of a piece that was received, unchanged",
  });
}

/** Bytes of a line, and the place behind them. */
interface Line {
  readonly place: LogPlace;
  /** How much of the line was passed on before. */
  readonly begins: number;
  readonly bytes: Buffer;
  readonly stream: "stdout" | "stderr";
}

type PlainLine = Omit<Line, "stream">;

const lineEnd = 10;
const blank = 32;
/** A line is waited for until it is whole, or this long. */
const longestHeld = 65_536;

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
  const inits = createInitLines(after?.init === true);
  for await (const bytes of blocksOf(chunks)) {
    const lines: Line[] = [];
    for (const raw of splitLines(bytes)) {
      const read = last?.offset === undefined ? readLine(raw, last) : goOn(raw, last);
      if (read === undefined) continue;
      const line = withStream(read, inits);
      last = line.place;
      const left = after === undefined ? line : behind(line, after);
      if (left === undefined) {
        if (isThere(line.place, after)) after = undefined;
        continue;
      }
      if (after !== undefined && !isSameLine(line.place, after))
        yield gapBefore(line, after, options.keptBytes);
      after = undefined;
      lines.push(left);
    }
    yield* joined(lines);
  }
}

/** Bytes that end with a line, as much at a time as came; of a line that is too long, as much as was waited for. */
async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> {
  let open: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    open.push(chunk);
    held += chunk.length;
    const ends = chunk.lastIndexOf(lineEnd) >= 0;
    if (!ends && held < longestHeld) continue;
    const all = Buffer.concat(open);
    const end = ends ? all.lastIndexOf(lineEnd) + 1 : all.length - unfinishedLength(all);
    yield all.subarray(0, end);
    open = end < all.length ? [all.subarray(end)] : [];
    held = all.length - end;
  }
  if (held > 0) yield Buffer.concat(open);
}

function* splitLines(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(lineEnd, start);
    const next = end < 0 ? bytes.length : end + 1;
    yield bytes.subarray(start, next);
    start = next;
  }
}

function withStream(line: PlainLine, inits: InitLines): Line {
  const isInit = inits.isInit(line.bytes);
  const place = isInit ? { ...line.place, init: true } : line.place;
  return { ...line, place, stream: isInit ? "stderr" : "stdout" };
}

/** More of a line whose beginning was passed on. */
function goOn(raw: Buffer, { time, count, offset = 0 }: LogPlace): PlainLine {
  return { place: placeOf({ time, count }, raw, offset), begins: offset, bytes: raw };
}

function placeOf(line: LogPlace, bytes: Buffer, before: number): LogPlace {
  return bytes.at(-1) === lineEnd ? line : { ...line, offset: before + bytes.length };
}

/** What of a line stands behind a place; undefined for none. */
function behind(line: Line, after: LogPlace): Line | undefined {
  const { place, begins, bytes } = line;
  if (!isSameLine(place, after)) return isBehind(place, after) ? line : undefined;
  if (after.offset === undefined) return undefined;
  const known = Math.max(0, after.offset - begins);
  return known >= bytes.length ? undefined : { ...line, bytes: bytes.subarray(known) };
}

function isSameLine(a: LogPlace, b: LogPlace): boolean {
  return a.time === b.time && a.count === b.count;
}

/** True at the very place. */
function isThere(place: LogPlace, after: LogPlace | undefined): boolean {
  return after !== undefined && isSameLine(place, after) && place.offset === after.offset;
}

/** Undefined for a line without a stamp, which is the kubelet's own, about itself: no job wrote it. */
function readLine(raw: Buffer, last: LogPlace | undefined): PlainLine | undefined {
  const end = raw.indexOf(blank);
  const time = end < 0 ? "" : nanoseconds(raw.toString("latin1", 0, end));
  if (time === "") return undefined;
  const count = last?.time === time ? last.count + 1 : 1;
  const bytes = raw.subarray(end + 1);
  return { place: placeOf({ time, count }, bytes, 0), begins: 0, bytes };
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
  const cursor = formatPlace({ ...after, count: after.count + 1 });
  return { time: isoOf(place), gone: rotated(keptBytes), cursor };
}

/** What a kubelet has put aside cannot be asked for, nor how much it was. */
export function rotated(keptBytes: number): Extract<LogPiece, { gone: object }>["gone"] {
  return { cause: "rotation", lines: 0, bytes: 0, keptBytes };
}

/** One piece for what came together on one stream, unless some of it is no text. */
function* joined(lines: readonly Line[]): Iterable<LogPiece> {
  let some: Line[] = [];
  for (const line of lines) {
    const isText = isUtf8(line.bytes);
    const isOther = some.length > 0 && some[0]?.stream !== line.stream;
    if ((isOther || !isText) && some.length > 0) yield toPiece(some.splice(0));
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
  const place = { time: isoOf(first.place), stream: first.stream, cursor: formatPlace(end.place) };
  return isUtf8(bytes)
    ? { ...place, data: bytes.toString("utf8") }
    : { ...place, base64: bytes.toString("base64") };
}

function isoOf({ time }: LogPlace): string {
  return `${time.slice(0, 23)}Z`;
}
