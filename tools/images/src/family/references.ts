import type { ImageVariant } from "./image.ts";

/** The names of one image: tags that move to what passed its tests, and the tag of its content. */
export interface References {
  readonly moving: readonly string[];
  readonly repository: string;
}

/** Tags of an image as the guide uses them: `latest` and the version for cpu, `latest-cuda` and `<version>-cuda<major>`. */
export function referencesOf(image: ImageVariant, prefix: string, version: string): References {
  const repository = `${prefix}${image.name}`;
  const tags =
    image.variant === "cpu" ? ["latest", version] : ["latest-cuda", `${version}-cuda${cudaMajor(image)}`];
  return { repository, moving: tags.map((tag) => `${repository}:${tag}`) };
}

function cudaMajor(image: ImageVariant): string {
  const major = image.layers.map((layer) => layer.cudaMajor).findLast((each) => each !== undefined);
  if (major !== undefined) return String(major);
  throw new Error(`no layer of ${image.name} says its cudaMajor`);
}
