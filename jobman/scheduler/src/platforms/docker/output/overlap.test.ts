import fc from "fast-check";
import { expect, test } from "vitest";
import { overlapOf } from "./overlap.ts";

test("output that tells its place is joined without loss or repeat, wherever it was cut", () => {
  const numbers = Array.from({ length: 200 }, (_, index) => `line ${index * 7919}\n`).join("");
  const whole = Buffer.from(numbers);
  const place = fc.nat(whole.length);
  fc.assert(
    fc.property(place, place, place, fc.nat(whole.length), (a, b, c, expected) => {
      const [begin = 0, end = 0, length = 0] = [a, b, c].toSorted((x, y) => x - y);
      // Shorter ones can match by chance.
      fc.pre(end - begin >= 40 && length - begin >= 40);
      const log = whole.subarray(0, end);
      const live = whole.subarray(begin, length);
      expect(overlapOf({ log, expected, live })).toBe(end - begin);
    }),
  );
});

test.each([
  ["nothing came yet", "a\nb\n", "", 2, 0],
  ["nothing is in both", "a\nb\n", "c\n", 4, 0],
  ["a line is in both", "a\nb\n", "b\nc\n", 2, 2],
  ["the same line again and again: the time decides", "tick\ntick\ntick\n", "tick\n", 10, 5],
  ["and also where none is in both", "tick\ntick\ntick\n", "tick\n", 15, 0],
  ["the log is ahead of what came", "a\nbcd\ne\n", "bc", 2, 6],
])("%s", (_, log, live, expected, overlap) => {
  expect(overlapOf({ log: Buffer.from(log), expected, live: Buffer.from(live) })).toBe(overlap);
});
