import type { ImageVariant } from "../family/image.ts";
import { referencesOf } from "../family/references.ts";
import type { SiteFacts } from "../recipe/site-facts.ts";

/** The page that tells researchers which images there are, as Markdown. */
export function writeImagesPage(images: readonly ImageVariant[], facts: SiteFacts): string {
  const rows = images.map((image) => {
    const { moving } = referencesOf(image, facts.site.registry.prefix, facts.version);
    return [moving[0] ?? "", image.layer.description, image.parent?.name ?? "the base image"];
  });
  return [
    "# Images",
    "",
    "<!-- made by `images generate` from images/family.ts: change that, not this -->",
    "",
    ...[["image", "what is in it", "stands on"], ["---", "---", "---"], ...rows].map(
      (cells) => `| ${cells.join(" | ")} |`,
    ),
    "",
    "`jobman images` lists those that can be run now; `jobman image-details -i NAME` shows what is in one.",
    "An image is named as `NAME:TAG`; without a tag it is `latest`. The tag `latest-cuda` is the variant for GPUs.",
    "",
  ].join("\n");
}
