import type { Readable } from "node:stream";
import { createGzip, createZstdCompress } from "node:zlib";
import { z } from "zod";
import { bytesOf, type ReadEntry, readEntries } from "../saved-image/read-entries.ts";
import { unpacked } from "../saved-image/unpacked.ts";

/** Bytes of one layer: as it lies on disk, and as a registry would hold it. */
export interface LayerSize {
  readonly plain: number;
  readonly gzip: number;
  readonly zstd: number;
}

/**
 * Measures what `docker save` writes by really compressing each layer, lowest first. Layers whose size on disk is exactly
 * that of a `known` one are taken to be it, so that a child measures only what it adds.
 */
export async function measureLayers(
  saved: Readable,
  known: readonly LayerSize[] = [],
): Promise<readonly LayerSize[]> {
  const bySize = new Map(known.map(({ plain, gzip, zstd }) => [plain, { plain, gzip, zstd }]));
  const sizes = new Map<string, LayerSize>();
  const texts = new Map<string, string>();
  const take = async (entry: ReadEntry): Promise<void> => {
    const { path, type, size } = entry;
    if (type !== "File") entry.resume();
    else if (/\.json$/.test(path)) texts.set(path, (await bytesOf(entry)).toString());
    else sizes.set(path, await sizeOf(entry, bySize.get(size)));
  };
  await readEntries(saved, take);
  const [image] = manifest.parse(JSON.parse(texts.get("manifest.json") ?? "[]"));
  return (image?.Layers ?? []).map((path) => sizes.get(path) ?? { plain: 0, gzip: 0, zstd: 0 });
}

/** Below this a file of the archive is no layer worth compressing. */
const smallest = 512;
const manifest = z.array(z.object({ Layers: z.array(z.string()) }));

async function sizeOf(entry: ReadEntry, known: LayerSize | undefined): Promise<LayerSize> {
  const { size } = entry;
  if (size >= smallest && known === undefined) return measure(entry);
  entry.resume();
  return known ?? { plain: size, gzip: size, zstd: size };
}

async function measure(entry: AsyncIterable<Uint8Array>): Promise<LayerSize> {
  const gzip = createGzip({ level: 6 });
  const zstd = createZstdCompress();
  const counts = { plain: 0 };
  const results = Promise.all([count(gzip), count(zstd)]);
  for await (const chunk of unpacked(entry)) {
    counts.plain += chunk.length;
    await Promise.all([write(gzip, chunk), write(zstd, chunk)]);
  }
  gzip.end();
  zstd.end();
  const [gzipBytes, zstdBytes] = await results;
  return { plain: counts.plain, gzip: gzipBytes, zstd: zstdBytes };
}

async function count(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of stream) bytes += chunk.length;
  return bytes;
}

function write(stream: NodeJS.WritableStream, chunk: Uint8Array): Promise<void> | undefined {
  if (stream.write(chunk)) return undefined;
  return new Promise((resolve) => stream.once("drain", resolve));
}
