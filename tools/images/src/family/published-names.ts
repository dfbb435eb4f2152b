import type { Distribution, Site } from "@workstation/site";
import type { ImageVariant } from "./image.ts";

/** Where an image is published. */
export interface PublishedNames {
  /** Path in the registry: `workstation-batch/ubuntu-python`. */
  readonly repository: string;
  /** `host/repository`. */
  readonly name: string;
}

/**
 * Where images of a site go: the project for their kind (programs of the platform: that of the jobs that they run), under a name that says on which distribution they stand
 * (`debian-python` on Debian). Undefined for a site without a registry.
 */
export function publishedNames(
  image: Pick<ImageVariant, "name" | "kind">,
  { registry }: Pick<Site, "registry">,
  distribution: Distribution,
): PublishedNames | undefined {
  if (registry.host === null) return undefined;
  const family = distribution.split("-")[0] ?? distribution;
  const project = registry.projects[image.kind === "desktop" ? "desktop" : "batch"];
  const repository = `${project}/${image.name.replace(/^ubuntu-/, `${family}-`)}`;
  return { repository, name: `${registry.host}/${repository}` };
}
