import { expect, test } from "vitest";
import { cellText, formatPairs, formatTable } from "./table.ts";

test("columns line up and lines have no blanks at their ends", () => {
  const row = (...texts: readonly string[]) => texts.map((text) => ({ text }));
  expect(formatTable(["A", "LONG"], [row("wide cell", ""), row("x", "y")])).toBe(
    "A          LONG\nwide cell\nx          y\n",
  );
});

test("a value that is not there has no line", () => {
  expect(
    formatPairs([
      ["a", "1"],
      ["long name", undefined],
      ["b", ""],
    ]),
  ).toBe("a:  1\nb:  \n");
});

test.each([
  ["a\nb\tc", String.raw`a\nb\tc`],
  ["\u001b[2J\u0007\u009b", String.raw`\u001b[2J\u0007\u009b`],
  ["\u202eevil\u2066\u200b\ufeff", String.raw`\u202eevil\u2066\u200b\ufeff`],
  ["plain ü€𝕏", "plain ü€𝕏"],
])("%j is shown as %s", (text, shown) => {
  expect(cellText(text)).toBe(shown);
});
