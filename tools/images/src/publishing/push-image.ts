import { Readable } from "node:stream";
import { exitCodes, formatBytes, type Reporter, UserError } from "@workstation/cli";
import {
  type Attachment,
  attach,
  type Descriptor,
  describe,
  emptyConfig,
  makeAttachment,
  ociTypes,
} from "../registry/referrers.ts";
import { digestOf, findBlob, findManifest, putManifest } from "../registry/registry.ts";
import { type Blob, type UploadMemory, uploadBlob } from "../registry/upload-blob.ts";
import type { Document } from "./attachments.ts";
import type { Destination, PackedImage } from "./pack-image.ts";

/** How bits are sent. */
export interface Sending {
  readonly to: Destination;
  readonly memory: UploadMemory;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/** The manifest of a packed image: the same image and annotations give the same bytes. */
export function makeManifest(image: PackedImage, annotations: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: ociTypes.manifest,
      config: describe({ mediaType: ociTypes.config, bytes: image.config }),
      layers: image.layers.map(({ digest, size }) => ({ mediaType: ociTypes.layer, digest, size })),
      annotations,
    }),
  );
}

/**
 * Sends an image that no tag points to yet: its layers, its configuration, then the manifest; and reads back what the
 * registry holds. Blobs that are there are not sent again. Returns the manifest's descriptor and the bytes sent.
 */
export async function pushImage(
  image: PackedImage,
  manifest: Buffer,
  sending: Sending,
): Promise<{ readonly subject: Descriptor; readonly sentBytes: number }> {
  const blobs = [...image.layers.map((layer) => layerBlob(image, layer)), bufferBlob(image.config)];
  const sentBytes = await sendAll(blobs, sending);
  const subject = describe({ mediaType: ociTypes.manifest, bytes: manifest });
  const { registry, repository } = sending.to;
  const stored = { reference: subject.digest, mediaType: subject.mediaType, bytes: manifest };
  await putManifest(registry, repository, stored);
  await requireStored(sending.to, subject, blobs);
  return { subject, sentBytes };
}

/** Attaches texts to an image that is there. */
export async function pushDocuments(
  subject: Descriptor,
  documents: readonly Document[],
  sending: Sending,
): Promise<readonly Attachment[]> {
  const { registry, repository } = sending.to;
  const attachments: Attachment[] = [];
  await sendAll([bufferBlob(emptyConfig.bytes), ...documents.map(({ bytes }) => bufferBlob(bytes))], sending);
  for (const document of documents) {
    const attachment = makeAttachment(subject, document, document.annotations);
    await attach(registry, repository, attachment);
    attachments.push(attachment);
  }
  return attachments;
}

async function sendAll(blobs: readonly Blob[], sending: Sending): Promise<number> {
  const { to, memory, signal, reporter } = sending;
  const total = blobs.reduce((sum, blob) => sum + blob.size, 0);
  const started = performance.now();
  let [done, sent] = [0, 0];
  for (const blob of blobs) {
    signal.throwIfAborted();
    const onProgress = (bytes: number): void => {
      const seconds = (performance.now() - started) / 1000;
      const rate = `${formatBytes(Math.round((sent + bytes) / seconds))}/s`;
      reporter.progress(`${formatBytes(done + bytes)} of ${formatBytes(total)}, ${rate}`);
    };
    sent += await uploadBlob(to.registry, blob, { ...to, memory, signal, onProgress });
    done += blob.size;
  }
  return sent;
}

/** The registry's word is not taken for it: the manifest is read back, and every blob asked for. */
async function requireStored(to: Destination, subject: Descriptor, blobs: readonly Blob[]): Promise<void> {
  const stored = await findManifest(to.registry, to.repository, subject.digest);
  if (stored?.digest !== subject.digest) throw notStored(to, subject.digest, stored?.digest ?? "nothing");
  for (const { digest, size } of blobs) {
    const found = await findBlob(to.registry, to.repository, digest);
    if (found !== size)
      throw notStored(to, digest, found === undefined ? "nothing" : `${found} bytes of ${size}`);
  }
}

/** What the registry holds is not what was sent. */
export function notStored({ registry, repository }: Destination, wanted: string, found: string): UserError {
  const message = `${registry.host}/${repository} does not hold ${wanted} after it was sent, but ${found}`;
  return new UserError("DIGEST_MISMATCH", message, {
    hint: "no tag was moved to it; look at the registry's storage, and run the same command again",
    exitCode: exitCodes.failure,
  });
}

function layerBlob({ store }: PackedImage, layer: PackedImage["layers"][number]): Blob {
  const { digest, size } = layer;
  return { digest, size, read: (start, end) => store.read(layer, start, end) };
}

function bufferBlob(bytes: Buffer): Blob {
  const read = (start: number, end: number): Readable => Readable.from([bytes.subarray(start, end)]);
  return { digest: digestOf(bytes), size: bytes.length, read };
}
