import type { StreamName } from "../../../logs/position.ts";

/** A line of the engine's log; milliseconds since the epoch. */
export interface StoredLine {
  readonly time: number;
  readonly stream: StreamName;
  readonly bytes: Buffer;
}

/** What we have of a container's output. */
export interface StoredOutput {
  readonly counts: Readonly<Record<StreamName, number>>;
  /** How it begins; undefined when its beginning is not kept. */
  readonly head: { readonly stream: StreamName; readonly bytes: Buffer } | undefined;
  /** How each stream ends. */
  readonly tails: Readonly<Record<StreamName, Buffer>>;
  /** When the last of it came. */
  readonly lastTime: number;
}

export interface LogSource {
  /** The engine's log, from `sinceMs` on. */
  readonly read: (sinceMs?: number) => AsyncIterable<StoredLine>;
  readonly stored: StoredOutput;
  /** Called where something may be missing, before the next line. */
  readonly absence: () => void;
}

/**
 * What the engine's log has beyond ours. While it still begins with the container's first line, the bytes of each
 * stream are counted; a log that was rotated, or that replaced bytes which are no text, is joined where it goes on as
 * ours ends; where that is nowhere, what is younger than ours comes behind an absence. What was looked at is what is
 * handed out: another reading could find another log, because the engine may rotate it at any moment.
 */
export async function* newLines(source: LogSource): AsyncIterable<StoredLine> {
  const { stored, read, absence } = source;
  const counted = await countThrough(source);
  if (counted !== undefined) {
    yield* from(counted.found);
    yield* counted.rest;
    return;
  }
  const { recent, rest } = await takeSome(read(stored.lastTime - lookBackMs));
  const known = knownBytes(recent, stored);
  if (known !== undefined) yield* beyond(from(recent), known);
  else {
    absence();
    yield* recent.filter((line) => line.time > stored.lastTime);
  }
  yield* rest;
}

const lookBackMs = 10_000;
const searchedBytes = 8 * 1024 * 1024;

async function* from<T>(some: readonly T[]): AsyncIterable<T> {
  yield* some;
}

/** Leaves out the first bytes of each stream. */
async function* beyond(
  lines: AsyncIterable<StoredLine>,
  skip: Record<StreamName, number>,
): AsyncIterable<StoredLine> {
  for await (const line of lines) {
    const known = Math.min(skip[line.stream], line.bytes.length);
    skip[line.stream] -= known;
    if (known < line.bytes.length) yield { ...line, bytes: line.bytes.subarray(known) };
  }
}

/** A log that begins as ours does, read up to where it is certain that it goes on as ours ends. */
interface Counted {
  /** What was read beyond ours. */
  readonly found: readonly StoredLine[];
  /** What was not read yet, all of it beyond ours. */
  readonly rest: AsyncIterable<StoredLine>;
}

/** Undefined when the log does not begin as ours does, or has not at the end of ours what ours has there. */
async function countThrough({ read, stored }: LogSource): Promise<Counted | undefined> {
  const { counts, head, tails } = stored;
  const lines = read()[Symbol.asyncIterator]();
  const rest = { [Symbol.asyncIterator]: () => lines };
  if (counts.stdout + counts.stderr === 0) return { found: [], rest };
  if (head === undefined) return undefined;
  const known = { stdout: 0, stderr: 0 };
  const seen = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const found: StoredLine[] = [];
  let headIsOurs: boolean | undefined;
  while (known.stdout < counts.stdout || known.stderr < counts.stderr) {
    const next = await lines.next();
    if (next.done === true) break;
    const { stream, bytes } = next.value;
    if (stream === head.stream) headIsOurs ??= beginsAlike(bytes, head.bytes);
    if (headIsOurs === false) return undefined;
    const ours = bytes.subarray(0, Math.max(0, counts[stream] - known[stream]));
    known[stream] += ours.length;
    const { length } = tails[stream];
    if (length > 0) seen[stream] = Buffer.concat([seen[stream], ours]).subarray(-length);
    if (ours.length < bytes.length) found.push({ ...next.value, bytes: bytes.subarray(ours.length) });
  }
  const alike = (["stdout", "stderr"] as const).every((stream) => {
    const tail = tails[stream];
    // A line that was not ended is in ours alone.
    const shared = tail.subarray(0, Math.max(0, tail.length - (counts[stream] - known[stream])));
    return shared.length === 0 || seen[stream].subarray(-shared.length).equals(shared);
  });
  return alike ? { found, rest } : undefined;
}

function beginsAlike(a: Buffer, b: Buffer): boolean {
  const length = Math.min(a.length, b.length);
  return a.subarray(0, length).equals(b.subarray(0, length));
}

async function takeSome(lines: AsyncIterable<StoredLine>) {
  const recent: StoredLine[] = [];
  const source = lines[Symbol.asyncIterator]();
  let bytes = 0;
  for (let next = await source.next(); next.done !== true; ) {
    recent.push(next.value);
    bytes += next.value.bytes.length;
    if (bytes > searchedBytes) break;
    next = await source.next();
  }
  return { recent, rest: { [Symbol.asyncIterator]: () => source } };
}

/** How many bytes of each stream lie before the end of ours; undefined when that is not certain. */
function knownBytes(
  lines: readonly StoredLine[],
  { counts, tails, lastTime }: StoredOutput,
): Record<StreamName, number> | undefined {
  const reachesBack = lines.some((line) => line.time <= lastTime);
  const known = { stdout: 0, stderr: 0 };
  for (const stream of ["stdout", "stderr"] as const) {
    const own = lines.filter((line) => line.stream === stream);
    const bytes = Buffer.concat(own.map((line) => line.bytes));
    const ends = counts[stream] === 0 ? [] : endsOf(bytes, tails[stream]);
    const old = own.filter((line) => line.time <= lastTime).reduce((sum, line) => sum + line.bytes.length, 0);
    // Where the same comes again and again, and where a stream was quiet for long, the time tells.
    const byTime = reachesBack && (ends.length > 1 || old === 0) ? old : undefined;
    const end = ends.length === 1 ? ends[0] : byTime;
    if (end === undefined) return undefined;
    known[stream] = end;
  }
  return known;
}

/** So many bytes at the end of ours are looked for: less of it may be left in the log than we have. */
const lookedFor = [1024, 256, 64];

/** Where in `bytes` our `tail` ends: at most two places, which is one too many. */
function endsOf(bytes: Buffer, tail: Buffer): readonly number[] {
  for (const length of lookedFor) {
    const end = tail.subarray(-length);
    const [first, last] = [bytes.indexOf(end), bytes.lastIndexOf(end)];
    if (first >= 0) return first === last ? [first + end.length] : [first, last];
  }
  return [];
}
