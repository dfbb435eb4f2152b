import { execFileSync } from "node:child_process";
import { cellText } from "@workstation/cli";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commandText } from "./command-text.ts";

test.each([
  [
    ["python", "-c", "print(1)", "", "a b", "/x/y:z", "--lr=0.1"],
    "python -c 'print(1)' '' 'a b' /x/y:z --lr=0.1",
  ],
  [["cd x && python ck.py && echo then"], "'cd x && python ck.py && echo then'"],
  [["it's", "$HOME", "~/x", "A=1", "=ls"], String.raw`'it'\''s' '$HOME' '~/x' 'A=1' '=ls'`],
  [["a\nb\\'", "\u001b[2J"], String.raw`$'a\nb\\\'' $'\033[2J'`],
])("%j is shown as %s", (words, text) => {
  expect(commandText(words)).toBe(text);
});

test("whatever the words are, a shell reads the same ones, and the line is safe to show", () => {
  const word = fc.string({ unit: "binary" }).map((text) => text.toWellFormed());
  const given = fc.array(
    word.filter((text) => !text.includes("\0")),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(given, (words) => {
      const text = commandText(words);
      expect(cellText(text)).toBe(text);
      const read = execFileSync("bash", ["-c", `printf '%s\\0' ${text}`], { encoding: "utf8" });
      expect(read.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 60, examples: [[["a\u0007\u202e1'\\", "\u009b7", "\t8\n", "!x", "{a,b}"]]] },
  );
});
