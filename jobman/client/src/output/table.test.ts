import { expect, test } from "vitest";
import { formatPairs } from "./table.ts";

test("a value that is not there has no line", () => {
  expect(
    formatPairs([
      ["a", "1"],
      ["long name", undefined],
      ["b", ""],
    ]),
  ).toBe("a:  1\nb:  \n");
});
