import {
  apiErrorSchema,
  type ImageList,
  imageDetailsSchema,
  imageListSchema,
} from "@workstation/jobman/protocol";
import { imageLabels, type Site } from "@workstation/site";
import { z } from "zod";
import type { CatalogueImage } from "../platforms/engine.ts";
import { resolveImage } from "../submit/resolve-image.ts";
import { isDefault, typedImages, typedTags } from "../submit/typed-images.ts";
import type { App } from "./app.ts";
import type { Services } from "./services.ts";

/** The images that may be run here, and the page that each of them carries. */
export function addImageRoutes(app: App, services: Services): void {
  const { images, core } = services;
  app.get(
    "/v1/images",
    { schema: { response: { 200: imageListSchema, default: apiErrorSchema } } },
    async () => {
      const typed = typedImages(await images.list(), core.site);
      return { apiVersion: "v1" as const, images: typed.map((image) => imageFor(image, core.site)) };
    },
  );
  app.get(
    "/v1/images/:name",
    {
      schema: {
        params: z.object({ name: z.string() }),
        querystring: z.object({ tag: z.string().max(128).optional() }),
        response: { 200: imageDetailsSchema, default: apiErrorSchema },
      },
    },
    async (request) => {
      const { name } = request.params;
      const wanted = request.query.tag === undefined ? name : `${name}:${request.query.tag}`;
      const { image } = await resolveImage(images, core.site, wanted);
      const { [imageLabels.readme]: readme = "", ...labels } = image.labels;
      const typed = { ...image, tags: typedTags(image) };
      return { apiVersion: "v1" as const, image: imageFor(typed, core.site), readme, labels };
    },
  );
}

function imageFor(
  image: CatalogueImage,
  site: Pick<Site, "defaults" | "registry">,
): ImageList["images"][number] {
  const variant = image.labels[imageLabels.variant];
  return {
    name: image.name,
    tags: [...image.tags],
    sizeBytes: image.sizeBytes,
    isDefault: isDefault(image, site),
    ...(variant === undefined ? {} : { variant }),
    ...(image.createdAt === undefined ? {} : { createdAt: new Date(image.createdAt).toISOString() }),
  };
}
