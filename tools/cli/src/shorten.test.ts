import { expect, test } from "vitest";
import { shorten } from "./shorten.ts";

test("a text that is not too long stays as it is", () => {
  expect(shorten("no space left", 13)).toBe("no space left");
});

test("a longer one keeps its beginning and its end, and says how much is missing", () => {
  expect(shorten(`open ${"a".repeat(1000)}: too many`, 16)).toBe(
    "open aaaaaaa … (999 more characters) … many",
  );
});

test("a character of two units is not left as half of one", () => {
  expect(shorten("\u{1F600}".repeat(100), 9).isWellFormed()).toBe(true);
});
