import { imageLabels } from "@workstation/site";
import { contentTag } from "../plan/key.ts";
import { findPublished, type PublishedImage } from "../registry/find-published.ts";
import { type Descriptor, describe, ociTypes } from "../registry/referrers.ts";
import { digestOf, findManifest, type Registry } from "../registry/registry.ts";
import { annotationsOf } from "./annotations.ts";
import { describeImage } from "./attachments.ts";
import { moveTags, readTags } from "./move-tags.ts";
import { type Destination, packImage } from "./pack-image.ts";
import type { Publishable, Published, Workshop } from "./publishable.ts";
import { makeManifest, notStored, pushDocuments, pushImage } from "./push-image.ts";

/**
 * Publishes one image: bits, then what is said of them, then the tags; so that nothing ever names what is not whole. What
 * the registry has under its key stays, though this machine's bits may differ.
 */
export async function publishImage(image: Publishable, shop: Workshop): Promise<Published> {
  const to: Destination = { registry: shop.registry, ...image.names, siblings: image.siblings };
  const there = await findThere(image, shop.registry);
  const pushed =
    there === undefined ? await push(image, to, shop) : { manifest: there.manifest, sentBytes: 0 };
  const tags = tagsOf(image, there ?? { manifest: pushed.manifest, diffIds: image.details.diffIds });
  const before = await readTags(to, [tags.key, ...tags.moving]);
  const { digest } = await moveTags(to, pushed.manifest, tags);
  for (const { tag, digest: found } of await readTags(to, tags.moving)) {
    if (found !== digest) throw notStored(to, `${digest} as ${tag}`, found ?? "nothing");
  }
  const moved = before.filter((state) => state.digest !== digest).map((state) => state.tag);
  return { digest, moved, sentBytes: pushed.sentBytes };
}

/** What the registry has of this key and these words (a README is a label, and no part of the key). */
export async function findThere(
  { planned, names }: Publishable,
  registry: Registry,
): Promise<PublishedImage | undefined> {
  const found = await findPublished(registry, names.repository, {
    key: planned.key,
    tag: contentTag(planned.key),
  });
  return (found?.labels[imageLabels.readme] ?? "") === planned.recipe.readme ? found : undefined;
}

/**
 * The tags of an image. That of its content is made of the configuration, which holds the hashes of all layers; that of
 * its tests is for the very bits that passed them here.
 */
export function tagsOf(
  { planned, details }: Publishable,
  there?: Pick<PublishedImage, "manifest" | "diffIds">,
): { readonly key: string; readonly moving: readonly string[] } {
  const key = contentTag(planned.key);
  const moving = planned.references.moving.map((reference) =>
    reference.slice(reference.lastIndexOf(":") + 1),
  );
  if (there === undefined) return { key, moving: [planned.tests.tag, ...moving] };
  const { config } = JSON.parse(there.manifest.bytes.toString()) as { readonly config: Descriptor };
  const passed = there.diffIds.join() === details.diffIds.join() ? [planned.tests.tag] : [];
  return { key, moving: [`content-${config.digest.slice(7, 19)}`, ...passed, ...moving] };
}

async function push(image: Publishable, to: Destination, shop: Workshop) {
  const { planned, details, names } = image;
  const packed = await packImage(shop.docker, details, { ...shop, to });
  const bytes = makeManifest(packed, annotationsOf(image, shop.facts));
  const sending = { ...shop, to };
  const { subject, sentBytes } = await pushImage(packed, bytes, sending);
  const config = describe({ mediaType: ociTypes.config, bytes: packed.config });
  const documents = await describeImage(
    shop.docker,
    { planned, details, config },
    { subject, name: names.name, facts: shop.facts },
  );
  for (const { descriptor } of await pushDocuments(subject, documents, sending)) {
    const stored = await findManifest(to.registry, to.repository, descriptor.digest);
    if (stored?.digest !== descriptor.digest) throw notStored(to, descriptor.digest, "nothing");
  }
  for (const layer of packed.layers) packed.store.dropBytes(layer);
  return { manifest: { digest: digestOf(bytes), mediaType: ociTypes.manifest, bytes }, sentBytes };
}
