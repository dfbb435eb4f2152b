import type { ContainerLine } from "@workstation/docker";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cursor, formatCursor, numberLines, parseCursor, sinceOf, skipTo } from "./log-cursor.ts";

function timeAt(milliseconds: number): string {
  return `${new Date(Date.UTC(2026, 0, 1) + milliseconds).toISOString().slice(0, -1)}000000Z`;
}

function line(milliseconds: number, text: string): ContainerLine {
  return { time: timeAt(milliseconds), stream: "stdout", data: Buffer.from(text) };
}

async function* asLog(lines: readonly ContainerLine[], since: string): AsyncIterable<ContainerLine> {
  for (const each of lines) if (each.time >= since) yield each;
}

async function readAll(lines: readonly ContainerLine[]) {
  return Array.fromAsync(numberLines(asLog(lines, "")));
}

async function readAfter(lines: readonly ContainerLine[], cursor: Cursor): Promise<readonly string[]> {
  const rest = await Array.fromAsync(skipTo(numberLines(asLog(lines, sinceOf(cursor))), cursor));
  return rest.map((each) => String(each.data));
}

describe("a cursor", () => {
  it("survives its text form", () => {
    const cursor = { time: "2026-01-02T03:04:05.000000006Z", ordinal: 7 };
    expect(parseCursor(formatCursor(cursor))).toEqual(cursor);
  });

  it.each([
    "",
    "1",
    "2026-01-02T03:04:05Z/0",
    "2026-13-02T03:04:05.000000006Z/0",
    "../x",
    "a".repeat(100_000),
  ])("refuses %.20j", (text) => {
    expect(() => parseCursor(text)).toThrow(expect.objectContaining({ code: "CURSOR_INVALID" }));
  });
});

describe("reading behind a cursor", () => {
  it("loses and repeats nothing, whatever times lines have in common or out of order", async () => {
    const steps = fc.array(fc.integer({ min: -15, max: 40 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(), async (times, pick) => {
        let now = 60_000;
        const log = times.map((step, index) => {
          now += step;
          return line(now, String(index));
        });
        const all = await readAll(log);
        const index = pick % all.length;
        const cursor = all[index]?.cursor ?? { time: "", ordinal: 0 };
        expect(await readAfter(log, cursor)).toEqual(log.slice(index + 1).map((each) => String(each.data)));
      }),
    );
  });

  it("goes on with what is later when a rotation took the cursor's line", async () => {
    const cursor = { time: timeAt(1_000), ordinal: 0 };
    expect(await readAfter([line(1_200, "a"), line(1_300, "b")], cursor)).toEqual(["a", "b"]);
    expect(await readAfter([line(900, "old"), line(1_200, "a"), line(9_000, "b")], cursor)).toEqual([
      "a",
      "b",
    ]);
  });
});
