import { formatBytes, printable } from "@workstation/cli";
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
  const { name, tag } = splitReference(reference);
  const query = tag === undefined ? "" : `?${new URLSearchParams({ tag })}`;
  const details = await context.api.call<ImageDetails>("GET", `${routes.image(name)}${query}`);
  await printAnswer(context, {
    data: details,
    names: details.image.tags.map((each) => `${details.image.name}:${each}`),
    text: ({ wide, quiet }) => {
      const facts = quiet ? "" : `${formatPairs(factsOf(details, wide))}\n`;
      return `${facts}${printable(details.readme).trimEnd() || "no README"}\n`;
    },
  });
}

/** A tag follows the last colon, unless that colon belongs to a registry's port. */
function splitReference(reference: string): { readonly name: string; readonly tag: string | undefined } {
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) return { name: reference, tag: undefined };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1) };
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
