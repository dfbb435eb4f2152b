import { formatBytes } from "@workstation/cli";
import type { ImageFacts } from "./image-facts.ts";

const made =
  "made by `images docs` from images/family.ts, the locks and images/sizes.json: change those, not this";

/** The page that tells researchers which images there are, as Markdown. */
export function writeImagesPage(images: readonly ImageFacts[], measuredOn: string | undefined): string {
  const rows = images.map((image) => [
    image.reference,
    image.description,
    image.parent ?? "the base image",
    image.tags.join(", "),
    sizeOf(image),
  ]);
  return [
    "# Images",
    "",
    `<!-- ${made} -->`,
    "",
    table(["image", "what is in it", "stands on", "tags", sizeHead(measuredOn)], rows),
    "",
    `The size is what is pulled (gzip). An image has all that the image below it has, and besides:`,
    "",
    table(
      ["image", "Python packages"],
      images
        .filter(({ packages }) => packages.length > 0)
        .map(({ reference, packages }) => [
          reference,
          packages.map(({ name, version }) => `${name} ${version}`).join(", "),
        ]),
    ),
    "",
    "`jobman images` lists those that can be run now; `jobman image-details -i NAME` shows what is in one.",
    "An image is named as `NAME:TAG`; without a tag it is `latest`. The tag `latest-cuda` is the variant for GPUs.",
    "",
  ].join("\n");
}

/** The README with its table of images made anew: what stands between `<!-- generated: images -->` and `<!-- end -->`. */
export function fillReadme(
  readme: string,
  images: readonly ImageFacts[],
  measuredOn: string | undefined,
): string {
  const rows = images.map((image) => [`\`${image.reference}\``, image.description, sizeOf(image)]);
  const text = table(["image", "what is in it", sizeHead(measuredOn)], rows);
  return readme.replace(/(?<=<!-- generated: images -->\n)[\s\S]*?(?=<!-- end -->)/, `${text}\n`);
}

/** The same packages weigh otherwise on another distribution. */
function sizeHead(measuredOn: string | undefined): string {
  return measuredOn === undefined ? "size" : `size (${measuredOn})`;
}

function sizeOf({ gzip, lacksLock }: ImageFacts): string {
  if (lacksLock) return "not built yet: its lock is missing";
  return gzip === undefined ? "not measured" : formatBytes(gzip);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
