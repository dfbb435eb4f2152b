import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createMarkerFilter } from "./marker-filter.ts";

const starts = "workstation: ---- init.sh starts ----\n";
const ended = "workstation: ---- init.sh ended ----\n";

function filtered(text: string, cuts: readonly number[]): string {
  const filter = createMarkerFilter();
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  const parts = places.slice(1).map((end, index) => filter.pass(bytes.subarray(places[index], end)));
  return Buffer.concat([...parts, filter.rest()]).toString();
}

const cuts = fc.array(fc.nat(200), { maxLength: 8 });

test("the two lines around init.sh go, each once, however the output is cut", () => {
  const text = `${starts}ü mine\n workstation: x\n${ended}${starts}${ended}open`;
  fc.assert(
    fc.property(cuts, (places) => {
      expect(filtered(text, places)).toBe(`ü mine\n workstation: x\n${starts}${ended}open`);
    }),
  );
});

test.each(["", "no end", "a\nworkstation: ---- init", `x ${starts}`, `\n\nworkstation: init.sh failed: 3\n`])(
  "other output stays as it is: %j",
  (text) => {
    fc.assert(
      fc.property(cuts, (places) => {
        expect(filtered(text, places)).toBe(text);
      }),
    );
  },
);

test("the lines are those that the start of a container writes", () => {
  const script = readFileSync(join(import.meta.dirname, "../../../../init-scripts/init-process.sh"), "utf8");
  for (const line of [starts, ended]) {
    expect(script).toContain(`say "${line.trim().replace("workstation: ", "")}"`);
  }
});
