import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newLines, type StoredLine, type StoredOutput } from "./new-lines.ts";

type Stream = StoredLine["stream"];

function line(time: number, text: string, stream: Stream = "stdout"): StoredLine {
  return { time, stream, bytes: Buffer.from(text) };
}

function bytesOf(lines: readonly StoredLine[], stream: Stream): Buffer {
  return Buffer.concat(lines.filter((each) => each.stream === stream).map((each) => each.bytes));
}

/** What we have when we heard the first bytes of each stream, the last of them at `lastTime`. */
function heard(lines: readonly StoredLine[], counts: Record<Stream, number>, lastTime: number): StoredOutput {
  const out = bytesOf(lines, "stdout").subarray(0, counts.stdout);
  const err = bytesOf(lines, "stderr").subarray(0, counts.stderr);
  const first = lines[0];
  const head = first === undefined ? undefined : { stream: first.stream, bytes: first.bytes };
  const tails = { stdout: out.subarray(-1024), stderr: err.subarray(-1024) };
  return { counts: { stdout: out.length, stderr: err.length }, head, tails, lastTime };
}

async function beyond(log: readonly StoredLine[], stored: StoredOutput) {
  let absences = 0;
  const read = async function* (since = 0): AsyncIterable<StoredLine> {
    yield* log.filter((each) => each.time >= since);
  };
  const found = await Array.fromAsync(newLines({ read, stored, absence: () => (absences += 1) }));
  return { out: String(bytesOf(found, "stdout")), err: String(bytesOf(found, "stderr")), absences };
}

describe("what an engine's log has beyond ours", () => {
  test("is exact while the log is whole, wherever we stopped, also inside a line, and whatever repeats", async () => {
    const lines = fc.array(
      fc.tuple(
        fc.constantFrom<Stream>("stdout", "stderr"),
        fc.constantFrom("tick\n", "ü\n", "a longer line\n"),
      ),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(), fc.nat(), async (parts, a, b) => {
        const log = parts.map(([stream, text], index) => line(index, text, stream));
        const [out, err] = [bytesOf(log, "stdout"), bytesOf(log, "stderr")];
        const counts = { stdout: a % (out.length + 1), stderr: b % (err.length + 1) };
        expect(await beyond(log, heard(log, counts, 15))).toEqual({
          out: String(out.subarray(counts.stdout)),
          err: String(err.subarray(counts.stderr)),
          absences: 0,
        });
      }),
    );
  });

  test("is nothing when we have more: a line that was not ended is in ours alone", async () => {
    const all = [line(1, "one\n"), line(2, "50 %\r60 %\r")];
    const stored = heard(all, { stdout: 14, stderr: 0 }, 3);
    expect(await beyond(all.slice(0, 1), stored)).toEqual({ out: "", err: "", absences: 0 });
  });

  const numbers = (from: number, to: number): readonly StoredLine[] =>
    Array.from({ length: to - from }, (_, index) => line((from + index) * 100, `line ${from + index}\n`));

  test("is joined by content where the log was rotated since, a quiet stream too", async () => {
    const all = [line(0, "warning\n", "stderr"), ...numbers(1, 400)];
    const stored = heard(all, { stdout: bytesOf(numbers(1, 300), "stdout").length, stderr: 8 }, 29_950);
    const rotated = all.filter((each) => each.time > 20_000);
    expect(await beyond(rotated, stored)).toEqual({
      out: String(bytesOf(numbers(300, 400), "stdout")),
      err: "",
      absences: 0,
    });
  });

  test("is what was looked at: a log that is rotated after that look loses nothing unsaid", async () => {
    const all = numbers(1, 400);
    const stored = heard(all, { stdout: bytesOf(numbers(1, 10), "stdout").length, stderr: 0 }, 950);
    let readings = 0;
    const read = async function* (since = 0): AsyncIterable<StoredLine> {
      readings += 1;
      const left = readings === 1 ? all : numbers(300, 400);
      yield* left.filter((each) => each.time >= since);
    };
    let absences = 0;
    const found = await Array.fromAsync(newLines({ read, stored, absence: () => (absences += 1) }));
    expect([String(bytesOf(found, "stdout")), absences]).toEqual([
      String(bytesOf(numbers(10, 400), "stdout")),
      0,
    ]);
  });

  test("comes behind an absence where the log begins later than ours ends", async () => {
    const all = numbers(1, 400);
    const stored = heard(all, { stdout: bytesOf(numbers(1, 100), "stdout").length, stderr: 0 }, 9_950);
    expect(await beyond(numbers(300, 400), stored)).toEqual({
      out: String(bytesOf(numbers(300, 400), "stdout")),
      err: "",
      absences: 1,
    });
  });

  test("comes behind an absence where the engine changed bytes that are no text", async () => {
    const raw = [line(1000, "one\n"), { ...line(2000, ""), bytes: Buffer.from([0xff, 0xfe, 10]) }];
    const stored = heard(raw, { stdout: 7, stderr: 0 }, 2100);
    const log = [line(1000, "one\n"), line(2000, "\uFFFD\uFFFD\n"), line(5000, "new\n")];
    expect(await beyond(log, stored)).toEqual({ out: "new\n", err: "", absences: 1 });
  });
});
