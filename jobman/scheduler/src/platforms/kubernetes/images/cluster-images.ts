import type { V1Node, V1NodeList } from "@kubernetes/client-node";
import { parseImageReference, printImageReference, usualTag } from "@workstation/cli";
import { imageLabels, type Site } from "@workstation/site";
import type { CatalogueImage, ImageCatalogue } from "../../engine.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";

type Naming = Pick<Site, "registry" | "images">;

/**
 * Images by their names alone: whether one is there, its registry tells when a pod is made. The list has those that nodes
 * hold already.
 */
export function createClusterImages(connection: ClusterConnection, site: Naming): ImageCatalogue {
  return {
    find: async (name, tag) => imageNamed(site, name, tag),
    list: async () => {
      const { items } = await connection.ask<V1NodeList>("GET", paths.nodes());
      return imagesOn(items, site);
    },
  };
}

/** The family's images of a site with a registry are in its project for jobs. */
function familyPrefix({ registry }: Naming): string {
  return registry.host === null
    ? registry.prefix
    : `${registry.host}/${registry.projects.batch}/${registry.prefix}`;
}

function imageNamed(site: Naming, name: string, tag: string): CatalogueImage {
  const prefix = familyPrefix(site);
  const whole = printImageReference({ name, tag });
  const named = site.images.allowed.some((each) => printImageReference(withTag(each)) === whole);
  if (named) return image(name, { tags: [tag], reference: whole, allowed: true, labels: {} });
  const short = [prefix, site.registry.prefix].find((start) => start !== "" && name.startsWith(start)) ?? "";
  const own = name.slice(short.length);
  const isFamily = !own.includes("/") && site.images.allowed.includes("family");
  return image(own, {
    tags: [tag],
    reference: isFamily ? `${prefix}${own}:${tag}` : whole,
    allowed: isFamily,
    labels: isFamily ? { [imageLabels.name]: own } : {},
  });
}

function withTag(reference: string) {
  const parsed = parseImageReference(reference);
  return { ...parsed, tag: parsed.tag ?? usualTag };
}

function image(
  name: string,
  parts: Pick<CatalogueImage, "tags" | "reference" | "allowed" | "labels"> & { readonly sizeBytes?: number },
): CatalogueImage {
  return { name, sizeBytes: 0, ...parts };
}

function imagesOn(nodes: readonly V1Node[], site: Naming): readonly CatalogueImage[] {
  const found = new Map<string, { readonly tags: Set<string>; sizeBytes: number }>();
  for (const { names = [], sizeBytes = 0 } of nodes.flatMap(({ status }) => status?.images ?? [])) {
    for (const { name, tag } of names.flatMap(readName)) {
      const entry = found.get(name) ?? { tags: new Set<string>(), sizeBytes };
      entry.tags.add(tag);
      found.set(name, entry);
    }
  }
  return [...found].flatMap(([name, { tags, sizeBytes }]) => {
    const [first = usualTag] = tags;
    const { name: own, ...parts } = imageNamed(site, name, first);
    return parts.allowed ? [image(own, { ...parts, tags: [...tags], sizeBytes })] : [];
  });
}

/** A node names its images in full, and by digests besides. */
function readName(text: string): readonly { readonly name: string; readonly tag: string }[] {
  const { name, tag, digest } = parseImageReference(text);
  return tag === undefined || digest !== undefined
    ? []
    : [{ name: name.replace(/^docker\.io\/(?:library\/)?/, ""), tag }];
}
