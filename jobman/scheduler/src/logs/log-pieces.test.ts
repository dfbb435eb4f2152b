import fc from "fast-check";
import { expect, test } from "vitest";
import { toPieces } from "./log-pieces.ts";
import type { StreamName } from "./position.ts";
import type { LogEntry } from "./read-log.ts";

type Part = readonly [StreamName, Uint8Array] | "pause";

async function* entriesOf(...parts: readonly Part[]): AsyncIterable<LogEntry> {
  let bytes = 0;
  for (const part of parts) {
    if (part === "pause") await new Promise((resolve) => setTimeout(resolve, 400));
    else {
      bytes += part[1].length;
      const end = { bytes, lines: 0, gaps: 0 };
      yield { time: 0, stream: part[0], bytes: Buffer.from(part[1]), end };
    }
  }
}

async function piecesOf(...parts: readonly Part[]) {
  return Array.fromAsync(toPieces(entriesOf(...parts), 1));
}

test("every byte comes through, whatever it is and however it was cut", async () => {
  const part = fc.tuple(
    fc.constantFrom<StreamName>("stdout", "stderr"),
    fc.oneof(
      fc.uint8Array({ maxLength: 9 }),
      fc.string({ unit: "grapheme" }).map((text) => Buffer.from(text)),
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part), async (parts) => {
      const pieces = await piecesOf(...parts);
      const written = parts.map(([, bytes]) => bytes);
      const read = pieces.map((piece) => {
        if ("data" in piece) return Buffer.from(piece.data);
        return "base64" in piece ? Buffer.from(piece.base64, "base64") : Buffer.alloc(0);
      });
      expect(Buffer.concat(read)).toEqual(Buffer.concat(written));
    }),
  );
});

test("text that is cut inside its characters is text all the same", async () => {
  const bytes = Buffer.from("aé€𝕏\u{FEFF}z");
  const parts = Array.from(bytes, (byte) => ["stdout", Uint8Array.of(byte)] as const);
  const pieces = await piecesOf(...parts);
  expect(pieces.every((piece) => "data" in piece)).toBe(true);
  expect(pieces.map((piece) => ("data" in piece ? piece.data : "?")).join("")).toBe("aé€𝕏\u{FEFF}z");
});

test("a character that stays unfinished is shown after a moment, as bytes, and nothing comes twice behind a cursor", async () => {
  const pieces = await piecesOf(["stdout", Buffer.from([65, 0xe2, 0x82])], "pause", [
    "stdout",
    Buffer.from([0xac]),
  ]);
  expect(pieces).toEqual([
    expect.objectContaining({ data: "A", cursor: "1.0.0" }),
    expect.objectContaining({ base64: Buffer.from([0xe2, 0x82]).toString("base64"), cursor: "3.0.0" }),
    expect.objectContaining({ base64: Buffer.from([0xac]).toString("base64"), cursor: "4.0.0" }),
  ]);
});
