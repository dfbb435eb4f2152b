import { expect, test } from "vitest";
import { assetsOf, nameOf } from "../tools/images/src/assets/asset-store.ts";
import { expandFamily, imageId } from "../tools/images/src/family/image.ts";
import { sizeLimit } from "../tools/images/src/size/size-limit.ts";
import { family } from "./family.ts";

const images = expandFamily(family);
const nothingMissing = () => [];

test.each(images.map((image) => [imageId(image), image] as const))(
  "%s may weigh more than what it stands on, with and without files of third parties",
  (_, image) => {
    for (const missing of [nothingMissing, withoutViewers]) {
      const below = image.parent === undefined ? 0 : sizeLimit(image.parent, missing);
      expect(sizeLimit(image, missing)).toBeGreaterThan(below ?? Number.NaN);
    }
  },
);

test.each([
  ["ubuntu-python", 420e6],
  ["ubuntu-python-tensorflow", 750e6],
  ["ubuntu-python-tensorflow-desktop-jupyter", 1.2e9],
  ["ubuntu-python-tensorflow (cuda)", 4.5e9],
  ["ubuntu-python-pytorch (cuda)", 4.5e9],
])("%s may weigh %d bytes, viewers that are fetched from their makers aside", (id, budget) => {
  const image = images.find((each) => imageId(each) === id);
  expect(image && sizeLimit(image, withoutViewers)).toBe(budget);
});

/** As where their maker's page is out of reach. */
function withoutViewers(image: (typeof images)[number]): readonly string[] {
  return assetsOf(image.layer)
    .map(nameOf)
    .filter((name) => name.startsWith("itksnap"));
}
