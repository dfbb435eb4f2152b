import { parseImageReference, printImageReference, usualTag } from "@workstation/cli";
import { imageLabels, type Site } from "@workstation/site";
import type { CatalogueImage, ImageCatalogue } from "../../engine.ts";
import type { ClusterConnection } from "../api/connection.ts";
import type { HeldImages } from "../capacity/follow-nodes.ts";
import { readQueueRules } from "../objects/queue-rules.ts";

type Naming = Pick<Site, "registry" | "images" | "kubernetes">;

/**
 * Images by their names: those that the rules in the API server let users' jobs have, for all jobs alike. Whether one is
 * there, its registry tells when a pod is made; the list has those that nodes hold already, as they were looked at last.
 */
export function createClusterImages(
  connection: ClusterConnection,
  site: Naming,
  held: () => Promise<HeldImages>,
): ImageCatalogue {
  const rules = remembered(() => readImages(connection, site));
  return {
    find: async (name, tag) => {
      const found = imageNamed(site, name, tag);
      const allowed = await rules();
      return allowed === undefined || isListed(found, allowed) ? found : undefined;
    },
    list: async () => {
      const allowed = await rules();
      return imagesOf(await held(), site, (each) => allowed === undefined || isListed(each, allowed));
    },
  };
}

/** One image a line, in the rules; undefined where there are none. */
async function readImages(
  connection: ClusterConnection,
  site: Naming,
): Promise<readonly string[] | undefined> {
  const rules = await readQueueRules(connection, site);
  return rules?.images?.split("\n").filter((line) => line !== "");
}

/** A line without a tag is for every tag of its image. */
function isListed({ reference }: CatalogueImage, allowed: readonly string[]): boolean {
  return allowed.includes(reference) || allowed.includes(parseImageReference(reference).name);
}

const rememberedMs = 30_000;

function remembered<T>(read: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: T; readonly at: number } | undefined;
  return async () => {
    if (last === undefined || performance.now() - last.at > rememberedMs) {
      last = { value: await read(), at: performance.now() };
    }
    return last.value;
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

/** Each with those of its tags that jobs may have; what it refers to is the first of them. */
function imagesOf(
  held: HeldImages,
  site: Naming,
  isAllowed: (image: CatalogueImage) => boolean,
): readonly CatalogueImage[] {
  const found = new Map<string, CatalogueImage>();
  for (const [text, sizeBytes] of held) {
    for (const { name, tag } of readName(text)) {
      const one = { ...imageNamed(site, name, tag), sizeBytes };
      if (!one.allowed || !isAllowed(one)) continue;
      const { tags, ...known } = found.get(one.name) ?? { ...one, tags: [] };
      found.set(one.name, { ...known, tags: [...new Set([...tags, tag])] });
    }
  }
  return [...found.values()];
}

/** A node names its images in full, and by digests besides. */
function readName(text: string): readonly { readonly name: string; readonly tag: string }[] {
  const { name, tag, digest } = parseImageReference(text);
  return tag === undefined || digest !== undefined
    ? []
    : [{ name: name.replace(/^docker\.io\/(?:library\/)?/, ""), tag }];
}
