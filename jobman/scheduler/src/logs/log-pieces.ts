import { isUtf8 } from "node:buffer";
import { setTimeout as delay } from "node:timers/promises";
import type { LogPiece } from "@workstation/jobman/protocol";
import { type Cursor, formatCursor, type StreamName } from "./position.ts";
import type { LogEntry } from "./read-log.ts";

interface Output {
  readonly time: number;
  readonly stream: StreamName;
  readonly bytes: Buffer;
  readonly end: Cursor;
}

/** How long the beginning of a character waits for its end. */
const holdMs = 200;

/**
 * A log as the API gives it: text where it is UTF-8, never cut inside a character that is written in one go, bytes
 * where it is not. Unfinished lines pass at once.
 */
export async function* toPieces(
  entries: AsyncIterable<LogEntry>,
  keptBytes: number,
): AsyncIterable<LogPiece> {
  let held: Output | undefined;
  for await (const entry of withPauses(entries, () => held !== undefined)) {
    const follows = entry !== undefined && !("gone" in entry) && entry.stream === held?.stream;
    if (held !== undefined && !follows) yield toPiece(held);
    if (entry === undefined || "gone" in entry) {
      held = undefined;
      if (entry !== undefined) yield toGap(entry, keptBytes);
      continue;
    }
    const output = follows && held !== undefined ? joined(held, entry) : entry;
    const [whole, rest] = splitAtCharacter(output);
    if (whole.bytes.length > 0) yield toPiece(whole);
    held = rest;
  }
  if (held !== undefined) yield toPiece(held);
}

function joined(held: Output, entry: Output): Output {
  return { ...entry, time: held.time, bytes: Buffer.concat([held.bytes, entry.bytes]) };
}

/** The entries, and undefined wherever the next one takes long while `isWaited` says that something depends on it. */
async function* withPauses(
  entries: AsyncIterable<LogEntry>,
  isWaited: () => boolean,
): AsyncIterable<LogEntry | undefined> {
  const source = entries[Symbol.asyncIterator]();
  let coming: Promise<IteratorResult<LogEntry>> | undefined;
  try {
    for (;;) {
      coming ??= source.next();
      const next = isWaited() ? await soon(coming) : await coming;
      if (next?.done === true) return;
      if (next !== undefined) coming = undefined;
      yield next?.value;
    }
  } finally {
    await source.return?.();
  }
}

async function soon<T>(coming: Promise<T>): Promise<T | undefined> {
  const over = new AbortController();
  const patience = delay(holdMs, undefined, { signal: over.signal }).catch(() => undefined);
  try {
    return await Promise.race([coming, patience]);
  } finally {
    over.abort();
  }
}

/** What can be shown now, and the beginning of a character whose end is still to come. */
function splitAtCharacter(output: Output): readonly [Output, Output | undefined] {
  const { bytes, end } = output;
  const length = unfinishedLength(bytes);
  const whole = bytes.subarray(0, bytes.length - length);
  if (length === 0 || !isUtf8(whole)) return [output, undefined];
  const before = { ...output, bytes: whole, end: { ...end, bytes: end.bytes - length } };
  return [before, { ...output, bytes: bytes.subarray(bytes.length - length) }];
}

/** How many bytes at the end begin a character that is not complete (The Unicode Standard, table 3-6). */
export function unfinishedLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length += 1) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte >= 0x80 && byte < 0xc0) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1;
    return wanted > length && byte <= 0xf4 ? length : 0;
  }
  return 0;
}

function toPiece({ time, stream, bytes, end }: Output): LogPiece {
  const place = { time: new Date(time).toISOString(), stream, cursor: formatCursor(end) };
  return isUtf8(bytes)
    ? { ...place, data: bytes.toString("utf8") }
    : { ...place, base64: bytes.toString("base64") };
}

function toGap({ time, gone, end }: Extract<LogEntry, { gone: object }>, keptBytes: number): LogPiece {
  const { cause, lines, bytes } = gone;
  const amount = { cause, lines, bytes, keptBytes };
  return { time: new Date(time).toISOString(), gone: amount, cursor: formatCursor(end) };
}
