import { UserError } from "@workstation/cli";
import type { ImageVariant } from "./image.ts";
import { plain, suffixOf } from "./variants.ts";

/** The names of one image: tags that move to what passed its tests, and the tag of its content. */
export interface References {
  readonly moving: readonly string[];
  readonly repository: string;
}

/**
 * Tags of an image as the guide uses them: `latest` and the version; in another variant `latest-cuda`, and the version
 * with what the variant brings: `<version>-cuda<major>`.
 */
export function referencesOf(image: ImageVariant, prefix: string, version: string): References {
  const repository = `${prefix}${image.name}`;
  const suffix = suffixOf(image.variant);
  const tags = [`latest${suffix}`, `${version}${suffix}${majorOf(image)}`];
  return { repository, moving: tags.map((tag) => `${repository}:${tag}`) };
}

function majorOf({ name, layers, variant }: ImageVariant): string {
  if (variant === plain) return "";
  const major = layers.map((layer) => layer.majors?.[variant]).findLast((each) => each !== undefined);
  if (major !== undefined) return String(major);
  throw new UserError(
    "FAMILY_INVALID",
    `no layer of ${name} says the major version of its variant ${variant}`,
    {
      hint: `add majors: { ${variant}: <number> } to the layer that brings it`,
    },
  );
}
