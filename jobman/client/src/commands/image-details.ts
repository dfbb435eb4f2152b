import { formatBytes, parseImageReference, printable } from "@workstation/cli";
import { onlyValue } from "../arguments/only-value.ts";
import type { Context } from "../context.ts";
import { optionalTime } from "../output/job-table.ts";
import { printAnswer } from "../output/print.ts";
import { formatPairs } from "../output/table.ts";
import type { ImageDetails } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

/** `jobman image-details`: an image's facts and its README. */
export async function run(context: Context): Promise<undefined> {
  const reference = onlyValue(context.arguments, "image", { what: "the image", command: "image-details" });
  const { name, tag, digest } = parseImageReference(reference);
  const query = tag === undefined ? "" : `?${new URLSearchParams({ tag })}`;
  const details = await context.api.call<ImageDetails>(
    "GET",
    `${routes.image(digest === undefined ? name : reference)}${query}`,
  );
  await printAnswer(context, {
    data: details,
    names: details.image.tags.map((each) => `${details.image.name}:${each}`),
    text: ({ wide, quiet }) => {
      const facts = quiet ? "" : `${formatPairs(factsOf(details, wide))}\n`;
      return `${facts}${printable(details.readme).trimEnd() || "no README"}\n`;
    },
  });
}

function factsOf({ image, labels }: ImageDetails, wide: boolean): (readonly [string, string | undefined])[] {
  return [
    ["name", image.name],
    ["tags", image.tags.join(", ")],
    ["variant", image.variant],
    ["size", formatBytes(image.sizeBytes)],
    ["created", optionalTime(image.createdAt)],
    ...(wide ? Object.entries(labels) : []),
  ];
}
