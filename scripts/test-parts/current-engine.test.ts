import { expect, test } from "vitest";
import { isCurrent } from "./current-engine.ts";

test.each([
  ["1.41", false],
  ["1.47", false],
  ["1.48", true],
  ["1.56", true],
  ["1.100", true],
])("an engine with API %s is one that users have today: %s", (apiVersion, current) => {
  expect(isCurrent(apiVersion)).toBe(current);
});
