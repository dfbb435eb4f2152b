import { setTimeout as pause } from "node:timers/promises";

/** The beginning of a stream was read: how much there was at once, and all of it from its first byte. */
export interface ReadAhead {
  readonly bytes: number;
  readonly all: AsyncIterable<Uint8Array>;
}

/** Reads `chunks` until there are `enough` bytes, they end, or `waitMs` have passed. */
export async function readAhead(
  chunks: AsyncIterable<Uint8Array>,
  { enough, waitMs }: { readonly enough: number; readonly waitMs: number },
): Promise<ReadAhead> {
  const reader = chunks[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  const waited = pause(waitMs, undefined, { ref: false });
  let bytes = 0;
  let next = reader.next();
  // Awaited later, or never where nobody reads on.
  next.catch(() => undefined);
  while (bytes < enough) {
    const chunk = await Promise.race([next, waited]).catch(() => undefined); // a fault is told to who reads on
    if (chunk === undefined || chunk.done === true) break;
    held.push(chunk.value);
    bytes += chunk.value.length;
    next = reader.next();
    next.catch(() => undefined);
  }
  return { bytes, all: readOn(held, next, reader) };
}

async function* readOn(
  held: readonly Uint8Array[],
  next: Promise<IteratorResult<Uint8Array>>,
  reader: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  try {
    yield* held;
    for (let chunk = await next; chunk.done !== true; chunk = await reader.next()) yield chunk.value;
  } finally {
    await reader.return?.();
  }
}
