import { expect, test } from "vitest";
import { planLines } from "./plan-lines.ts";

const planned = (reasons: readonly string[], missingAssets: readonly string[] = []) =>
  ({
    image: { name: "ubuntu-a", variant: "cpu" },
    state: "to test",
    reasons,
    recipe: { missingAssets },
  }) as unknown as Parameters<typeof planLines>[0];
const files = (count: number) => Array.from({ length: count }, (_, index) => `file-${index + 1} changed`);

test("of many files that changed five are named, and how many more there are", () => {
  const lines = planLines(planned(files(26), ["viewer-1"]))
    .trimEnd()
    .split("\n");
  expect(lines).toEqual([
    "ubuntu-a: to test",
    ...files(5).map((file) => `    ${file}`),
    "    and 21 more (--json names them)",
    "    without viewer-1, which is not on this machine",
  ]);
});

test("one more is named as well", () => {
  expect(planLines(planned(files(6)))).toContain("file-6 changed");
});
