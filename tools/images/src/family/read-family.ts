import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "@workstation/cli";
import { expandFamily, type FamilyImage, type ImageVariant, imageId } from "./image.ts";

/** Reads the table of a project's folder; parents come first. */
export async function readFamily(root: string): Promise<readonly ImageVariant[]> {
  const file = pathToFileURL(join(root, "images", "family.ts")).href;
  const { family } = (await import(file)) as { readonly family: readonly FamilyImage[] };
  return expandFamily(family);
}

/**
 * The images that a command line names (`ubuntu-python`, `ubuntu-python:cuda`); none named: all.
 * Throws `IMAGE_UNKNOWN`, naming those that there are.
 */
export function chooseImages(
  family: readonly ImageVariant[],
  names: readonly string[],
): readonly ImageVariant[] {
  if (names.length === 0) return family;
  const wanted = names.map((name) => family.filter((image) => matches(image, name)));
  const unknown = names.find((_, index) => wanted[index]?.length === 0);
  if (unknown !== undefined) {
    throw new UserError("IMAGE_UNKNOWN", `there is no image "${unknown}" in images/family.ts`, {
      hint: `images: ${family.map(imageId).join(", ")}; a variant is named as in ubuntu-python:cuda`,
    });
  }
  return family.filter((image) => wanted.flat().includes(image));
}

/** The given images and all that they stand on, parents first. */
export function withAncestors(images: readonly ImageVariant[]): readonly ImageVariant[] {
  const found = new Set<ImageVariant>();
  for (const image of images) {
    for (const each of lineage(image)) found.add(each);
  }
  return [...found];
}

function lineage(image: ImageVariant): readonly ImageVariant[] {
  return image.parent === undefined ? [image] : [...lineage(image.parent), image];
}

function matches(image: ImageVariant, name: string): boolean {
  const [wanted, variant] = name.split(":");
  return image.name === wanted && (variant === undefined || image.variant === variant);
}
