import { imageLabels } from "@workstation/site";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import type { ResolvedImage } from "./resolve-image.ts";

/** What a user should know of an image and a flavor that do not fit; nothing of an image that does not say what it needs. */
export function fitWarnings(
  flavor: Pick<OfferedFlavor, "name" | "gpu">,
  { image, reference }: Pick<ResolvedImage, "image" | "reference">,
): readonly string[] {
  const needsGpu = image.labels[imageLabels.needsGpu];
  if (needsGpu === "false" && flavor.gpu !== undefined) {
    return [`${reference} has no CUDA libraries: the GPU of ${flavor.name} would stay unused`];
  }
  if (needsGpu === "true" && flavor.gpu === undefined) {
    return [`${reference} is made for a GPU, and ${flavor.name} has none`];
  }
  return [];
}
