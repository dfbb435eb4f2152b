import { Readable } from "node:stream";
import { z } from "zod";
import type { LayerStore } from "./layer-store.ts";
import { bytesOf, readEntries } from "./read-entries.ts";
import { unpacked } from "./unpacked.ts";

const manifest = z.array(z.object({ Config: z.string() })).min(1);

/**
 * Takes from what `docker save` writes the image's configuration, byte for byte, and puts those layers into the store
 * that `wants` (given their size as it is in the archive) asks for. Memory does not grow with the layers.
 */
export async function readSaved(
  saved: Readable,
  store: LayerStore,
  options: { readonly wants: (size: number) => boolean; readonly onBytes: (bytes: number) => void },
): Promise<Buffer> {
  const small = new Map<string, Buffer>();
  await readEntries(saved, async (entry) => {
    const { path, type, size } = entry;
    if (type !== "File") entry.resume();
    else if (size <= largestText) small.set(path, await bytesOf(entry));
    else if (!options.wants(size)) entry.resume();
    else await store.add(counted(unpacked(entry), options.onBytes));
  });
  const [image] = manifest.parse(JSON.parse(fileOf(small, "manifest.json").toString()));
  const config = image?.Config ?? "";
  for (const [name, bytes] of small) {
    if (name !== config && looksLikeLayer(bytes)) await store.add(unpacked(Readable.from([bytes])));
  }
  return fileOf(small, config);
}

/** What is not larger may be the configuration, which only the archive's last file names. */
export const largestText = 2 ** 20;

/** The other small files are texts. */
function looksLikeLayer(bytes: Buffer): boolean {
  const compressed = /^(1f8b|28b52ffd)/.test(bytes.subarray(0, 4).toString("hex"));
  return compressed || (bytes.length >= 512 && bytes.length % 512 === 0);
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    onBytes(chunk.length);
    yield chunk;
  }
}

function fileOf(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const found = files.get(name);
  if (found === undefined) throw new Error(`the engine saved an image without ${name}`);
  return found;
}
