import type { LogPiece } from "@workstation/jobman/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { linesIn } from "../../testing/output-lines.ts";
import { logPieces, parsePlace } from "./log-lines.ts";

const time = (nanoseconds: number) => `2026-01-01T00:00:00.${String(nanoseconds).padStart(9, "0")}Z`;

async function* chunked(text: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < text.length; start += size) yield text.subarray(start, start + size);
}

function read(text: string | Buffer, after?: string, size = 7): Promise<LogPiece[]> {
  const place = after === undefined ? undefined : parsePlace(after);
  return Array.fromAsync(logPieces(chunked(Buffer.from(text), size), { after: place, keptBytes: 1000 }));
}

test("lines lose their time stamps and nothing else, however they are cut on their way", async () => {
  const text = `${time(1)} first\n${time(2)}  blank before\n${time(3)} \n${time(4)} ü€ last`;
  for (const size of [1, 2, 5, 1000]) {
    const lines = linesIn(await read(text, undefined, size)).map(({ data }) => data);
    expect(lines).toEqual(["first\n", " blank before\n", "\n", "ü€ last"]);
  }
});

test("behind any piece the rest goes on, also where lines bear the same time", async () => {
  const stamps = fc
    .array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 12 })
    .map((steps) => steps.toSorted());
  await fc.assert(
    fc.asyncProperty(stamps, fc.integer({ min: 1, max: 40 }), async (times, size) => {
      const text = times.map((at, index) => `${time(at)} line ${index}\n`).join("");
      const all = await read(text, undefined, size);
      expect(new Set(all.map(({ cursor }) => cursor)).size).toBe(all.length);
      for (const [index, { cursor }] of all.entries()) {
        const shown = (pieces: readonly LogPiece[]) => linesIn(pieces).map(({ data }) => data);
        expect(shown(await read(text, cursor, size))).toEqual(shown(all.slice(index + 1)));
      }
    }),
  );
});

test("a line that does not end is passed on in parts, and goes on behind each of them", async () => {
  const long = "ü".repeat(150_000);
  for (const end of ["", "\n"]) {
    const text = `${time(1)} before\n${time(2)} ${long}${end}`;
    const all = await read(text, undefined, 4096);
    expect(all.length).toBeGreaterThan(3);
    for (const piece of all) expect("data" in piece && piece.data.length).toBeLessThan(70_000);
    for (const [index, { cursor }] of all.entries()) {
      const rest = (pieces: readonly LogPiece[]) =>
        pieces.map((piece) => ("data" in piece ? piece.data : "?")).join("");
      expect(rest(await read(text, cursor, 5000))).toBe(rest(all.slice(index + 1)));
    }
  }
});

test("what init.sh says is on stderr with the lines around it, wherever it is read on; what the command says is on stdout", async () => {
  const said = [
    "workstation: ---- init.sh starts ----",
    "mounting",
    "ready",
    "workstation: ---- init.sh ended ----",
    "data",
    "workstation: ---- init.sh ended ----",
  ];
  const text = said.map((words, index) => `${time(index + 1)} ${words}\n`).join("");
  for (const size of [5, 1000]) {
    const all = await read(text, undefined, size);
    const on = (stream: string, pieces: readonly LogPiece[]) =>
      linesIn(pieces.filter((piece) => "stream" in piece && piece.stream === stream)).map(({ data }) =>
        data.trim(),
      );
    expect([on("stderr", all), on("stdout", all)]).toEqual([said.slice(0, 4), said.slice(4)]);
    for (const [index, { cursor }] of all.entries()) {
      // The API gives whole seconds: what comes first may be of the middle.
      const rest = await read(text.slice(text.indexOf(time(2))), cursor, size);
      expect(on("stdout", rest)).toEqual(on("stdout", all.slice(index + 1)));
    }
  }
});

test("what a kubelet says itself is no output, and nothing is missing for it", async () => {
  const words = "unable to retrieve container logs for containerd://0123\n";
  expect(await read(words)).toEqual([]);
  expect(await read(words, `${time(2)}+1`)).toEqual([]);
  expect(linesIn(await read(`${time(1)} hello\n${words}`)).map(({ data }) => data)).toEqual(["hello\n"]);
});

test("where the place is not there any more, it is told that something is missing", async () => {
  const pieces = await read(`${time(5)} later\n`, `${time(2)}+1`);
  expect(pieces).toMatchObject([{ gone: { cause: "rotation" } }, { data: "later\n" }]);
});

test("bytes that are no text come as they are, and text beside them as text", async () => {
  const bytes = Buffer.concat([Buffer.from(`${time(1)} text\n${time(2)} `), Buffer.from([0xff, 0xfe, 10])]);
  expect(await read(bytes, undefined, 1000)).toMatchObject([{ data: "text\n" }, { base64: "//4K" }]);
});

test("a stamp of another zone, or with fewer digits, is the same time", async () => {
  const [piece] = await read("2026-01-01T02:00:00.5+02:00 x\n");
  expect(piece).toMatchObject({
    time: "2026-01-01T00:00:00.500Z",
    cursor: "2026-01-01T00:00:00.500000000Z+1",
  });
});

test.each(["", "../../etc/passwd", "1.2.3", "2026-13-41T00:00:00.000000000Z+1"])(
  "%j is no place in a log",
  (text) => {
    expect(() => parsePlace(text)).toThrow(expect.objectContaining({ code: "CURSOR_INVALID" }));
  },
);
