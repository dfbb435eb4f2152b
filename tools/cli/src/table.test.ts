import { expect, test } from "vitest";
import { cellText, formatTable } from "./table.ts";

test("columns line up and lines have no blanks at their ends", () => {
  const row = (...texts: readonly string[]) => texts.map((text) => ({ text }));
  expect(formatTable(["A", "LONG"], [row("wide cell", ""), row("x", "y")])).toBe(
    "A          LONG\nwide cell\nx          y\n",
  );
});

test("figures stand to the right, and are painted after their width was reckoned", () => {
  const paint = (text: string): string => `<${text}>`;
  expect(
    formatTable(
      ["NAME", "N"],
      [
        ["a", "100"],
        ["b", { text: "7", paint }],
      ],
      (column) => column > 0,
    ),
  ).toBe("NAME    N\na     100\nb       <7>\n");
});

test.each([
  ["a\nb\tc", String.raw`a\nb\tc`],
  ["\u001b[2J\u0007\u009b", String.raw`\u001b[2J\u0007\u009b`],
  ["\u202eevil\u2066\u200b\ufeff", String.raw`\u202eevil\u2066\u200b\ufeff`],
  ["plain ü€𝕏", "plain ü€𝕏"],
])("%j is shown as %s", (text, shown) => {
  expect(cellText(text)).toBe(shown);
});
