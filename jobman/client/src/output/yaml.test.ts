import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { formatYaml } from "./yaml.ts";

test("every JSON value comes back as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4, stringUnit: "binary" }), (value) => {
      expect(parse(formatYaml(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([
  "yes",
  "no",
  "null",
  "~",
  "1e3",
  "0x1f",
  "2026-01-02",
  "a: b",
  "- x",
  "#c",
  "",
  " ",
  "\u0085",
  "é",
])("the text %j stays a text", (text) => {
  expect(parse(formatYaml({ [text]: [text] }))).toEqual({ [text]: [text] });
});

test("it reads as a person would write it", () => {
  const data = { apiVersion: "v1", jobs: [{ name: "a", command: ["x", "y z"], datasets: [], exitCode: 0 }] };
  expect(formatYaml(data)).toBe(
    'apiVersion: v1\njobs:\n  - name: a\n    command:\n      - x\n      - "y z"\n    datasets: []\n    exitCode: 0\n',
  );
});
