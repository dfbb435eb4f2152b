import type { Distribution } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { pythonVersions } from "../family/python-version.ts";

/** Where the locks of an image's own layer lie, for the Python of the distribution. */
export function lockPaths(image: ImageVariant, { distribution }: { readonly distribution: Distribution }) {
  const python = pythonVersions[distribution];
  const folder = `images/${image.layer.name}/locks`;
  const variant = image.layer.variants.length === 0 ? "" : `-${image.variant}`;
  return {
    requirements: image.layer.python ? `${folder}/${python}${variant}.lock.txt` : undefined,
    tools: image.layer.tools === undefined ? undefined : `${folder}/tools-${python}.lock.txt`,
  };
}
