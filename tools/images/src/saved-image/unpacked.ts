import { Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** A layer as it is: the containerd image store hands layers out compressed, as it keeps them. */
export async function* unpacked(entry: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = entry[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const rest: AsyncIterable<Uint8Array> = { [Symbol.asyncIterator]: () => chunks };
  const whole = Readable.from(after(first.value, rest));
  const begin = Buffer.from(first.value.subarray(0, 4)).toString("hex");
  if (begin.startsWith("1f8b")) yield* whole.compose(createGunzip());
  else if (begin === "28b52ffd") yield* whole.compose(createZstdDecompress());
  else yield* whole;
}

async function* after(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
