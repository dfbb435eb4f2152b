import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { parseAnswer } from "./parse-answer.ts";
import { digestOf, findManifest, putManifest, type Registry } from "./registry.ts";
import { notUnderstood } from "./registry-fault.ts";

/** What a manifest lists: a blob or another manifest. */
export type Descriptor = Readonly<z.infer<typeof descriptorShape>>;

/** Fields that are not ours stay: what is read from a list is written back with it. */
const descriptorShape = z.looseObject({
  mediaType: z.string(),
  digest: z.string(),
  size: z.number(),
  artifactType: z.string().exactOptional(),
  annotations: z.record(z.string(), z.string()).readonly().exactOptional(),
});

/** Types of the OCI Image Specification (1.1). */
export const ociTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** The blob that stands where a manifest of an attachment has no configuration. */
export const emptyConfig = { bytes: Buffer.from("{}"), mediaType: ociTypes.empty };

const indexShape = z.object({ manifests: z.array(descriptorShape) });

/** What is attached to an image: by the registry's own list, or by the tag that stands in for it (OCI 1.1). */
export async function listReferrers(
  registry: Registry,
  repository: string,
  subject: string,
): Promise<readonly Descriptor[]> {
  const answer = await registry.ask(`/v2/${repository}/referrers/${subject}`, { method: "GET" });
  if (answer.status === 200) return readIndex(registry, answer.text);
  return readFallback(registry, repository, subject);
}

/**
 * Stores a manifest that has a `subject`, so that who holds the subject finds it. Where the registry has no list of
 * its own, the tag `sha256-<digest>` is kept; another publisher's entries stay in it.
 */
export async function attach(
  registry: Registry,
  repository: string,
  { subject, manifest, descriptor }: Attachment,
): Promise<void> {
  const stored = { reference: descriptor.digest, mediaType: ociTypes.manifest, bytes: manifest };
  if ((await putManifest(registry, repository, stored)).tracksSubject) return;
  let seen = 0;
  for (let tries = 0; seen < 2; tries += 1) {
    if (tries === mostTries) throw new Error(`${descriptor.digest} does not stay attached to ${subject}`);
    const listed = await listReferrers(registry, repository, subject);
    const there = listed.some((each) => each.digest === descriptor.digest);
    seen = there ? seen + 1 : 0;
    if (!there) await putFallback(registry, repository, { subject, manifests: [...listed, descriptor] });
    // A registry has no "write unless changed": whoever read the list before us writes it without our entry.
    else if (seen === 1) await sleep(100 + Math.random() * 300);
  }
}

const mostTries = 30;

async function putFallback(
  registry: Registry,
  repository: string,
  { subject, manifests }: { readonly subject: string; readonly manifests: readonly Descriptor[] },
): Promise<void> {
  const sorted = manifests.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const index = { schemaVersion: 2, mediaType: ociTypes.index, manifests: sorted };
  const bytes = Buffer.from(JSON.stringify(index));
  await putManifest(registry, repository, {
    reference: fallbackTag(subject),
    mediaType: ociTypes.index,
    bytes,
  });
}

/** A manifest about an image. */
export interface Attachment {
  readonly subject: string;
  readonly manifest: Buffer;
  readonly descriptor: Descriptor;
}

/** Makes the manifest of something that is attached to an image; `content` is its one blob. */
export function makeAttachment(
  subject: Descriptor,
  content: { readonly mediaType: string; readonly bytes: Buffer },
  annotations: Readonly<Record<string, string>>,
): Attachment {
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      artifactType: content.mediaType,
      config: describe(emptyConfig),
      layers: [describe(content)],
      subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
      annotations,
    }),
  );
  const own = { mediaType: ociTypes.manifest, artifactType: content.mediaType, annotations };
  return {
    subject: subject.digest,
    manifest,
    descriptor: { ...own, digest: digestOf(manifest), size: manifest.length },
  };
}

/** How a manifest lists bytes. */
export function describe(content: { readonly mediaType: string; readonly bytes: Buffer }): Descriptor {
  return { mediaType: content.mediaType, digest: digestOf(content.bytes), size: content.bytes.length };
}

async function readFallback(
  registry: Registry,
  repository: string,
  subject: string,
): Promise<readonly Descriptor[]> {
  const stored = await findManifest(registry, repository, fallbackTag(subject));
  return stored === undefined ? [] : readIndex(registry, stored.bytes.toString());
}

function readIndex({ host }: Registry, text: string): readonly Descriptor[] {
  const index = parseAnswer(text, indexShape);
  if (index === undefined) throw notUnderstood(host, "its list of what is attached to an image is none");
  return index.manifests;
}

function fallbackTag(digest: string): string {
  return digest.replace(":", "-");
}
