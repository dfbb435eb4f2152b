import type { ImageVariant } from "./image.ts";

/** The package index that an image's own packages need besides the build's; undefined: the build's has them all. */
export function ownIndex({ layer, variant }: ImageVariant): string | undefined {
  return layer.indexes?.[variant];
}

/** Whether an image, or one below it, has packages from an index of their own. */
export function needsOwnIndex(image: ImageVariant): boolean {
  return ownIndex(image) !== undefined || (image.parent !== undefined && needsOwnIndex(image.parent));
}
