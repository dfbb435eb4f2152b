import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { missingAlsoBelow } from "./asset-store.ts";

test.each([
  [undefined, [], []],
  [undefined, ["viewer-2"], ["viewer-2"]],
  ["proot-1", [], ["proot-1"]],
  ["proot-1", ["viewer-2", "viewer-1"], ["proot-1", "viewer-2", "viewer-1"]],
  ["proot-1 viewer-2", ["viewer-2"], ["proot-1", "viewer-2"]],
])("what the image below lacks (%s) and what a layer lacks (%j): the image lacks %j", (below, own, all) => {
  const labels: Record<string, string> = below === undefined ? {} : { [imageLabels.missingAssets]: below };
  expect(missingAlsoBelow(labels, own)).toEqual(all);
});
