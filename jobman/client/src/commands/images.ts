import { formatBytes } from "@workstation/cli";
import type { Context } from "../context.ts";
import { optionalTime } from "../output/job-table.ts";
import { type Column, printAnswer, tableText } from "../output/print.ts";
import type { ImageList } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

type Image = ImageList["images"][number];

const columns: readonly Column<Image>[] = [
  { heading: "NAME", cell: (image) => image.name + (image.isDefault ? " (default)" : "") },
  { heading: "TAGS", cell: (image) => image.tags.join(", ") },
  { heading: "SIZE", cell: (image) => formatBytes(image.sizeBytes) },
  { heading: "VARIANT", wide: true, cell: (image) => image.variant ?? "-" },
  { heading: "CREATED", wide: true, cell: (image) => optionalTime(image.createdAt) },
];

/** `jobman images`: what jobs can run in. */
export async function run(context: Context): Promise<undefined> {
  const list = await context.api.call<ImageList>("GET", routes.images);
  await printAnswer(context, {
    data: list,
    names: list.images.flatMap((image) => image.tags.map((tag) => `${image.name}:${tag}`)),
    text: (style) => tableText(list.images, columns, { ...style, none: "no images" }),
  });
}
