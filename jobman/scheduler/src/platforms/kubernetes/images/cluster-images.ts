import type { V1ConfigMap, V1Node, V1NodeList } from "@kubernetes/client-node";
import { parseImageReference, printImageReference, usualTag } from "@workstation/cli";
import { imageLabels, type Site } from "@workstation/site";
import type { CatalogueImage, ImageCatalogue } from "../../engine.ts";
import { hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";

type Naming = Pick<Site, "registry" | "images" | "kubernetes">;

/**
 * Images by their names: those that the rules in the API server let users' jobs have, for all jobs alike. Whether one is
 * there, its registry tells when a pod is made; the list has those that nodes hold already.
 */
export function createClusterImages(connection: ClusterConnection, site: Naming): ImageCatalogue {
  const rules = remembered(() => readRules(connection, site));
  return {
    find: async (name, tag) => {
      const found = imageNamed(site, name, tag);
      const allowed = await rules();
      return allowed === undefined || isListed(found, allowed) ? found : undefined;
    },
    list: async () => {
      const { items } = await connection.ask<V1NodeList>("GET", paths.nodes());
      const allowed = await rules();
      return imagesOn(items, site).filter((each) => allowed === undefined || isListed(each, allowed));
    },
  };
}

/** What the chart has written for the policies, one image a line; undefined where there is no chart. */
async function readRules(
  connection: ClusterConnection,
  { kubernetes }: Naming,
): Promise<readonly string[] | undefined> {
  try {
    const { data } = await connection.ask<V1ConfigMap>(
      "GET",
      paths.configMap(kubernetes.namespace, "queue-rules"),
    );
    return data?.images?.split("\n").filter((line) => line !== "");
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
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
