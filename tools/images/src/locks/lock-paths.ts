import type { Distribution } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { pythonVersions } from "../family/python-version.ts";
import { suffixOf } from "../family/variants.ts";

/**
 * Where the locks of what an image adds lie, for the Python of the distribution. A lock belongs to the whole path of layers,
 * because it agrees with the locks below: `images/jupyter/locks/python-tensorflow-desktop/3.10.lock.txt`. Tools live in an
 * environment of their own, so that their lock is the layer's alone.
 */
export function lockPaths(image: ImageVariant, { distribution }: { readonly distribution: Distribution }) {
  const python = pythonVersions[distribution];
  const { layer, layers, variant } = image;
  const folder = `images/${layer.name}/locks`;
  const below = layers.slice(0, -1).map((each) => each.name);
  const own = below.length === 0 ? folder : `${folder}/${below.join("-")}`;
  return {
    requirements: layer.python ? `${own}/${python}${suffixOf(variant)}.lock.txt` : undefined,
    tools: layer.tools === undefined ? undefined : `${folder}/tools-${python}.lock.txt`,
  };
}
