import { imageLabels } from "@workstation/site";
import { z } from "zod";
import { findManifest, type Registry, readBlob, type StoredManifest } from "../registry/registry.ts";
import { contentTag } from "./key.ts";

/** An image of a registry, with what it says of itself. */
export interface PublishedImage {
  readonly manifest: StoredManifest;
  readonly labels: Readonly<Record<string, string>>;
  /** Hashes of the uncompressed layers: the same ones are the same bits. */
  readonly diffIds: readonly string[];
}

const manifestShape = z.object({ config: z.object({ digest: z.string() }) });
const configShape = z.object({
  config: z.object({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** What the registry has under a build key; undefined when that is nothing, or something else that has its tag. */
export async function findPublished(
  registry: Registry,
  repository: string,
  key: string,
): Promise<PublishedImage | undefined> {
  const manifest = await findManifest(registry, repository, contentTag(key));
  if (manifest === undefined) return undefined;
  const shape = manifestShape.safeParse(JSON.parse(manifest.bytes.toString()));
  if (!shape.success) return undefined; // an index, or another kind of thing
  const config = await readBlob(registry, repository, shape.data.config.digest);
  const { config: settings, rootfs } = configShape.parse(JSON.parse(config.toString()));
  const labels = settings?.Labels ?? {};
  return labels[imageLabels.key] === key ? { manifest, labels, diffIds: rootfs.diff_ids } : undefined;
}
