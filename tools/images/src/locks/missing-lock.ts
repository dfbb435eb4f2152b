import type { Distribution } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { needsOwnIndex } from "../family/own-index.ts";
import { lockPaths } from "./lock-paths.ts";

/**
 * The lock of an image's own packages that nobody could make yet, for want of the index that they come from. A lock that
 * is missing for no such reason is a mistake, and found elsewhere.
 */
export function missingLock(
  image: ImageVariant,
  facts: { readonly distribution: Distribution },
  exists: (path: string) => boolean,
): string | undefined {
  const { requirements } = lockPaths(image, facts);
  return requirements !== undefined && needsOwnIndex(image) && !exists(requirements)
    ? requirements
    : undefined;
}
