import { expect, test } from "vitest";
import { backOff } from "./back-off.ts";

test.each([
  [0, 100, 200],
  [1, 200, 400],
  [5, 3200, 6400],
  [50, 15_000, 30_000],
])("after %d failures it waits between %d and %d ms, as chance has it", (failures, least, most) => {
  expect([0, 0.5, 1].map((random) => backOff(failures, random))).toEqual([
    least,
    least + (most - least) / 2,
    most,
  ]);
});
