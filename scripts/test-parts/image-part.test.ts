import { expect, test } from "vitest";
import { sizeResults } from "./image-part.ts";

const verdict = (name: string, state: string, ...reasons: readonly string[]) => ({
  name,
  variant: "cpu",
  state,
  reasons,
});

test("a size that nobody agreed to is a skip with its reason, and one result is all that an image has", () => {
  const verdicts = [
    verdict("a", "passed"),
    verdict("b", "skipped", "no size of b on debian-12 was agreed to"),
    verdict("c", "failed", "c: 1 MB → 2 MB", "layer x of c, apt: 0 B → 1 MB"),
  ];
  expect(sizeResults(JSON.stringify({ images: [], verdicts }))).toEqual([
    { name: "size > a (cpu)", state: "passed", reason: "" },
    { name: "size > b (cpu)", state: "skipped", reason: "no size of b on debian-12 was agreed to" },
    {
      name: "size > c (cpu)",
      state: "failed",
      reason: "c: 1 MB → 2 MB; layer x of c, apt: 0 B → 1 MB",
    },
  ]);
});

test("a command that ended early has not passed", () => {
  expect(sizeResults("").map(({ state }) => state)).toEqual(["failed"]);
});
