import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Parser, type ReadEntry } from "tar";

export type { ReadEntry };

/**
 * Reads a tar archive, one entry after the other: the archive waits until `take` has read what it was given (or called
 * `resume`, which skips it). What `take` rejects with ends the reading; an archive that ends in the middle ends what
 * `take` reads, and nothing is under way any more when this rejects.
 */
export async function readEntries(
  archive: Readable,
  take: (entry: ReadEntry) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const taking: Promise<void>[] = [];
  const entries: ReadEntry[] = [];
  const fail = (error: unknown): void => stop.abort(error);
  const onReadEntry = (entry: ReadEntry): void => {
    entries.splice(0, entries.length, entry);
    taking.push(take(entry).catch(fail));
  };
  const parser = new Parser({ strict: true, onReadEntry });
  try {
    await pipeline(archive, parser as unknown as NodeJS.WritableStream, { signal: stop.signal });
    await Promise.all(taking);
    stop.signal.throwIfAborted();
  } catch (error) {
    fail(error);
    for (const entry of entries) entry.destroy();
    await Promise.all(taking);
    throw stop.signal.reason;
  }
}

/** All bytes of an entry; for small ones. */
export async function bytesOf(entry: ReadEntry): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(entry as AsyncIterable<Uint8Array>));
}
