import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LogFrame, readFrames } from "./log-frames.ts";

function encode(frame: LogFrame): Buffer {
  const payload = Buffer.concat([Buffer.from(`${frame.time} `), frame.data]);
  const header = Buffer.alloc(8);
  header[0] = frame.stream === "stderr" ? 2 : 1;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function* cutInto(bytes: Buffer, lengths: readonly number[]): AsyncIterable<Buffer> {
  let offset = 0;
  for (const length of lengths) {
    yield bytes.subarray(offset, offset + length);
    offset += length;
  }
  yield bytes.subarray(offset);
}

describe("the engine's log stream", () => {
  it("is read the same however the network cuts it", async () => {
    const frame = fc.record({
      time: fc.constant("2026-01-01T00:00:00.000000000Z"),
      stream: fc.constantFrom("stdout" as const, "stderr" as const),
      data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    });
    const cuts = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 10 }), cuts, async (frames, lengths) => {
        const bytes = Buffer.concat(frames.map(encode));
        expect(await Array.fromAsync(readFrames(cutInto(bytes, lengths)))).toEqual(frames);
      }),
    );
  });

  it("drops a frame whose end never came", async () => {
    const bytes = encode({ time: "t", stream: "stdout", data: Buffer.from("whole") });
    expect(await Array.fromAsync(readFrames(cutInto(bytes.subarray(0, -1), [])))).toEqual([]);
  });
});
