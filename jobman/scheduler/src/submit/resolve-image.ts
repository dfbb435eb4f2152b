import { parseImageReference, printImageReference, usualTag } from "@workstation/cli";
import { closest } from "@workstation/cli/closest";
import type { Site } from "@workstation/site";
import { imageLabels } from "@workstation/site";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { CatalogueImage, ImageCatalogue } from "../platforms/engine.ts";
import { typedImages, typedName } from "./typed-images.ts";

type Naming = Pick<Site, "defaults" | "registry">;

/** An image that was asked for, found and allowed. */
export interface ResolvedImage {
  readonly reference: string;
  readonly image: CatalogueImage;
  /** True for an image of the project's own family, whose entrypoint is known. */
  readonly ofFamily: boolean;
}

/** A name as a user writes it: `NAME[:TAG]`. Images here are known by their tags, and by no digest. */
export function namedByUser(text: string): { readonly name: string; readonly tag: string } {
  const { name, tag = usualTag, digest } = parseImageReference(text);
  return { name: digest === undefined ? name : text, tag };
}

/** Finds the image that a user named, or the site's default. Throws `UNKNOWN_IMAGE` or `NOT_ALLOWED`. */
export async function resolveImage(
  catalogue: ImageCatalogue,
  site: Naming,
  wanted: string | undefined,
): Promise<ResolvedImage> {
  const text = wanted ?? site.defaults.image;
  const { name, tag } = namedByUser(text);
  const image = await catalogue.find(name, tag);
  if (image === undefined) throw unknownImage(text, await catalogue.list(), site);
  if (!image.allowed) {
    const images = await catalogue.list();
    throw new ApiError("NOT_ALLOWED", `the image ${shown(text)} may not be run here`, {
      hint: `the operator allows images in site.yaml (images.allowed); ${listed(images, site)}`,
    });
  }
  const reference = printImageReference({ name: parseImageReference(image.reference).name, tag });
  return { reference, image, ofFamily: Object.hasOwn(image.labels, imageLabels.name) };
}

function unknownImage(text: string, images: readonly CatalogueImage[], site: Naming): ApiError {
  const { name } = namedByUser(text);
  const typed = typedImages(images, site);
  const named = typed.filter((image) => [image.name, `${site.registry.prefix}${image.name}`].includes(name));
  const tags = named.flatMap((image) => image.tags);
  if (tags.length > 0) {
    return new ApiError("UNKNOWN_IMAGE", `the image ${shown(text)} does not exist with this tag`, {
      hint: `${meant(text, named)}tags: ${tags.join(", ")}`,
    });
  }
  return new ApiError("UNKNOWN_IMAGE", `there is no image ${shown(text)} here`, {
    hint: `${meant(text, typed)}${listed(images, site)}`,
  });
}

/** With the tag that was typed, else the usual one. */
function meant(text: string, typed: readonly CatalogueImage[]): string {
  const { name, tag } = namedByUser(text);
  const names = typed.flatMap((image) => image.tags.map((each) => `${image.name}:${each}`));
  const near = closest(`${name}:${tag}`, names);
  return near === undefined ? "" : `did you mean ${near}? `;
}

function listed(images: readonly CatalogueImage[], site: Naming): string {
  const names = typedImages(images, site).map(typedName);
  if (names.length === 0) return "no image is known here yet: see jobman images, or ask your operator";
  return `images: ${[...new Set(names)].join(", ")}; see: jobman images`;
}
