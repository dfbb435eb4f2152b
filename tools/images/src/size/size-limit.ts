import { assetsOf, nameOf } from "../assets/asset-store.ts";
import type { ImageVariant } from "../family/image.ts";

/**
 * What an image may weigh at most: what its layers may add, and what those assets may that it has. Undefined: a layer of
 * it does not say.
 */
export function sizeLimit(
  image: ImageVariant,
  missingAssets: (image: ImageVariant) => readonly string[],
): number | undefined {
  const { layer, variant, parent } = image;
  const own = layer.addsAtMost?.[variant];
  const below = parent === undefined ? 0 : sizeLimit(parent, missingAssets);
  if (own === undefined || below === undefined) return undefined;
  const missing = missingAssets(image);
  const present = assetsOf(layer).filter((asset) => !missing.includes(nameOf(asset)));
  return below + own + present.reduce((sum, asset) => sum + (asset.addsAtMost ?? 0), 0);
}
