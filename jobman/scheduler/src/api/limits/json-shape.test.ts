import { expect, test } from "vitest";
import { measureJson } from "./json-shape.ts";

const most = { values: 1000, depth: 10 };

test.each([
  ["1", 1, 0],
  ["[1,2,3]", 3, 1],
  ['{"a":{"b":[]}}', 3, 3],
  [String.raw`["a,b:c[{","\"[,\\"]`, 2, 1],
  [String.raw`["\\\",[","]"]`, 2, 1],
  ['["never closed, [[[[', 1, 1],
])("%s holds %i values, nested %i deep", (text, values, depth) => {
  expect(measureJson(text, most)).toEqual({ values, depth });
});

test("what passes a bound is not read to its end", () => {
  expect(measureJson("[".repeat(1_000_000), most).depth).toBe(11);
  expect(measureJson(`[${"1,".repeat(1_000_000)}`, most).values).toBe(1001);
});
