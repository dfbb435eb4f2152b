import type { Site } from "@workstation/site";
import type { CatalogueImage, ImageCatalogue } from "./engine.ts";

/** A catalogue that finds an image in its whole list. */
export function catalogueOf(
  list: () => Promise<readonly CatalogueImage[]>,
  site: Pick<Site, "registry">,
): ImageCatalogue {
  const { prefix } = site.registry;
  return {
    list,
    find: async (name, tag) =>
      (await list()).find(
        (image) => [image.name, `${prefix}${image.name}`].includes(name) && image.tags.includes(tag),
      ),
  };
}
