import { expect, test } from "vitest";
import { countsFor } from "./variant-folder.ts";

test.each([
  ["images/python/python.test.ts", "cpu", true],
  ["images/python/cuda/gpu.test.ts", "cuda", true],
  ["images/python/cuda/gpu.test.ts", "cpu", false],
  ["images/python/rootfs/cuda/x", "cpu", true],
  ["tools/images/src/web/cuda.ts", "cpu", true],
] as const)("%s counts for %s: %s", (path, variant, counts) => {
  expect(countsFor(path, variant)).toBe(counts);
});
