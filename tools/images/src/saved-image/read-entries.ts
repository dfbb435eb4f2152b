import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Parser, type ReadEntry } from "tar";

export type { ReadEntry };

/**
 * Reads a tar archive, one entry after the other: the archive waits until `take` has read what it was given (or called
 * `resume`, which skips it). What `take` rejects with ends the reading.
 */
export async function readEntries(
  archive: Readable,
  take: (entry: ReadEntry) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const taking: Promise<void>[] = [];
  const fail = (error: unknown): void => stop.abort(error);
  const onReadEntry = (entry: ReadEntry): void => void taking.push(take(entry).catch(fail));
  const parser = new Parser({ strict: true, onReadEntry });
  try {
    await pipeline(archive, parser as unknown as NodeJS.WritableStream, { signal: stop.signal });
    await Promise.all(taking);
    stop.signal.throwIfAborted();
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  }
}

/** All bytes of an entry; for small ones. */
export async function bytesOf(entry: ReadEntry): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Uint8Array>));
}
