import { imageLabels } from "@workstation/site";
import { z } from "zod";
import { parseAnswer } from "./parse-answer.ts";
import { findManifest, type Registry, readBlob, type StoredManifest } from "./registry.ts";
import { notUnderstood } from "./registry-fault.ts";

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
  wanted: { readonly key: string; readonly tag: string },
): Promise<PublishedImage | undefined> {
  const manifest = await findManifest(registry, repository, wanted.tag);
  if (manifest === undefined) return undefined;
  const shape = parseAnswer(manifest.bytes.toString(), manifestShape);
  if (shape === undefined) return undefined; // an index, or another kind of thing
  const { digest } = shape.config;
  const config = parseAnswer((await readBlob(registry, repository, digest)).toString(), configShape);
  if (config === undefined) throw notUnderstood(registry.host, `${repository}@${digest} is no configuration`);
  const labels = config.config?.Labels ?? {};
  return labels[imageLabels.key] === wanted.key
    ? { manifest, labels, diffIds: config.rootfs.diff_ids }
    : undefined;
}
