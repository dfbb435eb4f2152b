import { expect, test } from "vitest";
import { toJsonLine } from "../diagnostics/json-line.ts";
import { cutText, cutTexts, fitsUncut } from "./cut-texts.ts";

test("what fits stays as it is", () => {
  const texts = ["echo", 'a "b" \\ \u0001 ü 😀'];
  expect(cutTexts(texts, 100)).toEqual(texts);
  expect([fitsUncut(texts, 100), fitsUncut(texts, 40), fitsUncut(texts, 20)]).toEqual([true, true, false]);
});

test("what was left out is said", () => {
  expect(cutTexts(["abc", "defghi", "j", "k"], 11)).toEqual(["abc", "defgh (1 more characters)", "(2 more)"]);
  expect(cutText("abcdef", 4)).toBe("abcd (2 more characters)");
});

test.each([
  ["letters", "x"],
  ["control characters, six bytes each", "\u0001"],
  ["line separators", "\u2028"],
  ["half characters", "\ud800"],
  ["quotation marks", '"'],
  ["emoji", "😀"],
])("a megabyte of %s takes little more in the file than it may, in one text or in many", (_, character) => {
  const long = character.repeat(1024 * 1024);
  for (const texts of [[long], Array.from({ length: 4096 }, () => character.repeat(256))]) {
    expect(toJsonLine(cutTexts(texts, 16_384)).length).toBeLessThan(16_384 + 100);
  }
});

test("a character is never cut in two", () => {
  expect(cutText("😀😀", 5).startsWith("😀 (")).toBe(true);
});
