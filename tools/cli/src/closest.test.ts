import { expect, test } from "vitest";
import { closest } from "./closest.ts";

test.each([
  ["ubuntu-pyton", "ubuntu-python"],
  ["ubuntu-python-tensorflow-dektop", "ubuntu-python-tensorflow-desktop"],
  ["famly", "family"],
  ["x", undefined],
  ["nothing-like-it", undefined],
])("%j is taken for %j", (text, meant) => {
  const names = ["family", "ubuntu-python", "ubuntu-python-tensorflow", "ubuntu-python-tensorflow-desktop"];
  expect(closest(text, names)).toBe(meant);
});
