import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { z } from "zod";
import { freshPath, removeLeftovers } from "../workspace/leftovers.ts";

/** A layer as a registry holds it: compressed with gzip. */
export type PackedLayer = z.infer<typeof packedLayer>;

const packedLayer = z.object({
  digest: z.string(),
  size: z.number(),
  /** Bytes before they were compressed. */
  plainSize: z.number(),
});

/**
 * What is known of layers, by the hash of their content (`diffId`), in a folder of this account. The digest of a
 * compressed layer is kept for ever, so that a layer is compressed once and has one digest; its bytes until they are sent.
 */
export interface LayerStore {
  find(diffId: string): PackedLayer | undefined;
  hasBytes(layer: PackedLayer): boolean;
  /** The compressed bytes from `start` up to, and without, `end`. */
  read(layer: PackedLayer, start: number, end: number): Readable;
  /** Compresses a layer; returns its `diffId`. Nothing is kept of one that did not come whole. */
  add(content: AsyncIterable<Uint8Array>): Promise<string>;
  dropBytes(layer: PackedLayer): void;
}

/** Opens the store; `folder` is made when it is needed. */
export function openLayerStore(folder: string): LayerStore {
  const card = (diffId: string): string => join(folder, "known", `${hexOf(diffId)}.json`);
  const bytes = (digest: string): string => join(folder, "bytes", hexOf(digest));
  return {
    find: (diffId) => readCard(card(diffId)),
    hasBytes: ({ digest }) => existsSync(bytes(digest)),
    read: ({ digest }, start, end) =>
      end === start ? Readable.from([]) : createReadStream(bytes(digest), { start, end: end - 1 }),
    dropBytes: ({ digest }) => rmSync(bytes(digest), { force: true }),
    add: async (content) => {
      const fresh = freshPath(join(folder, "bytes"));
      try {
        const { diffId, layer } = await compress(content, fresh);
        renameSync(fresh, bytes(layer.digest));
        mkdirSync(dirname(card(diffId)), { recursive: true });
        writeFileSync(`${fresh}.card`, JSON.stringify(layer));
        renameSync(`${fresh}.card`, card(diffId));
        return diffId;
      } finally {
        rmSync(fresh, { force: true });
      }
    },
  };
}

const week = 7 * 86_400_000;

/**
 * Removes compressed bytes that nobody will send: those that a process left when it was ended at once, and those of an
 * upload that was not repeated for a week. What is known of their layers stays.
 */
export function sweepLayerStore(folder: string): void {
  removeLeftovers(join(folder, "bytes"), week);
}

/** The gzip header holds neither name nor time: one zlib gives the same bytes for the same content. */
async function compress(content: AsyncIterable<Uint8Array>, file: string) {
  const [plain, packed] = [meter(), meter()];
  await pipeline(content, plain.stream, createGzip({ level: 6 }), packed.stream, createWriteStream(file));
  const [plainResult, packedResult] = [plain.result(), packed.result()];
  const layer: PackedLayer = { ...packedResult, plainSize: plainResult.size };
  return { diffId: plainResult.digest, layer };
}

function meter() {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}

function readCard(file: string): PackedLayer | undefined {
  try {
    return packedLayer.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // not there, or of another version: the layer is compressed anew
  }
}

function hexOf(digest: string): string {
  return digest.replace("sha256:", "");
}
