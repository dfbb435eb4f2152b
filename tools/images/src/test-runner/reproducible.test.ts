import { expect, test } from "vitest";
import { compareLayers } from "./reproducible.ts";

test("the same layers are no difference", () => {
  expect(compareLayers(["a", "b"], ["a", "b"])).toEqual({ layers: 2, differences: [] });
});

test("a layer that differs, and one that only one build has, are named from the lowest", () => {
  expect(compareLayers(["a", "b"], ["a", "x", "y"])).toEqual({
    layers: 2,
    differences: ["layer 2: b and x", "layer 3: missing and y"],
  });
});
