import type { ImageVariant } from "./image.ts";

/** The given images and all that they stand on, parents first. */
export function withAncestors(images: readonly ImageVariant[]): readonly ImageVariant[] {
  const found = new Set<ImageVariant>();
  for (const image of images) {
    for (const each of lineage(image)) found.add(each);
  }
  return [...found];
}

/** An image and all that it stands on, the lowest first. */
export function lineage(image: ImageVariant): readonly ImageVariant[] {
  return image.parent === undefined ? [image] : [...lineage(image.parent), image];
}
