import { parseImageReference, printImageReference, usualTag } from "@workstation/cli";
import { contentTagStart, imageLabels, type Site } from "@workstation/site";
import type { CatalogueImage } from "../platforms/engine.ts";

/**
 * The images that people name: allowed ones, by the tags that they type, the site's default first, then by name. A build of
 * the family under another prefix than the site's is a test's or a colleague's, and is left out.
 */
export function typedImages(
  images: readonly CatalogueImage[],
  site: Pick<Site, "defaults" | "registry">,
): readonly CatalogueImage[] {
  return images
    .filter((image) => image.allowed && bearsItsName(image, site))
    .map((image) => ({ ...image, tags: typedTags(image) }))
    .filter(({ tags }) => tags.length > 0)
    .toSorted(
      (a, b) =>
        Number(isDefault(b, site)) - Number(isDefault(a, site)) ||
        compare(a.name, b.name) ||
        compare(a.tags[0], b.tags[0]),
    );
}

/** Whether a job that names no image gets this one. */
export function isDefault({ name, tags }: CatalogueImage, { defaults, registry }: Naming): boolean {
  const wanted = parseImageReference(defaults.image);
  const named = wanted.name === name || wanted.name === `${registry.prefix}${name}`;
  return named && tags.includes(wanted.tag ?? usualTag);
}

type Naming = Pick<Site, "defaults" | "registry">;

function bearsItsName({ labels, reference }: CatalogueImage, { registry }: Naming): boolean {
  const own = labels[imageLabels.name];
  return own === undefined || parseImageReference(reference).name === `${registry.prefix}${own}`;
}

/** An image's tags that people type, `latest` and its variants first. */
export function typedTags({ tags, labels }: CatalogueImage): readonly string[] {
  const ofFamily = labels[imageLabels.name] !== undefined;
  const moving = (tag: string) => Number(tag.startsWith(usualTag));
  return tags
    .filter((tag) => !ofFamily || !tag.startsWith(contentTagStart))
    .toSorted((a, b) => moving(b) - moving(a) || compare(a, b));
}

/** An image as it is typed: by the first of its tags. */
export function typedName({ name, tags }: CatalogueImage): string {
  return printImageReference({ name, tag: tags[0] ?? usualTag });
}

function compare(a = "", b = ""): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
