import { imageLabels } from "@workstation/site";
import type { BuildFacts } from "./build-facts.ts";
import type { Publishable } from "./publishable.ts";

const repeated = [
  "org.opencontainers.image.title",
  "org.opencontainers.image.description",
  "org.opencontainers.image.version",
  "org.opencontainers.image.licenses",
  imageLabels.name,
  imageLabels.variant,
  imageLabels.needsGpu,
  imageLabels.layers,
  imageLabels.distribution,
  imageLabels.key,
  imageLabels.missingAssets,
];

/** What the manifest says of an image, so that a registry can show it without reading the image's configuration. */
export function annotationsOf(
  { planned, details }: Pick<Publishable, "planned" | "details">,
  { source, base }: Pick<BuildFacts, "source" | "base">,
): Readonly<Record<string, string>> {
  const labels = repeated.flatMap((name) => {
    const value = details.labels[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(labels),
    "org.opencontainers.image.created": new Date(details.createdAt).toISOString(),
    "org.opencontainers.image.base.name": planned.image.parent === undefined ? base : planned.parent,
    // Of sources that differ from it, the commit would be a promise that does not hold.
    ...(source?.clean ? { "org.opencontainers.image.revision": source.commit } : {}),
    ...(source?.uri.startsWith("git+http") ? { "org.opencontainers.image.source": source.uri.slice(4) } : {}),
  };
}
