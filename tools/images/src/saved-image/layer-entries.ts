import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { bytesOf, type ReadEntry, readEntries } from "./read-entries.ts";
import { largestText } from "./read-saved.ts";
import { unpacked } from "./unpacked.ts";

/** What a layer says of one path. */
export interface LayerEntry {
  /** `File`, `Directory`, `SymbolicLink`, `Link`, … */
  readonly type: string;
  readonly mode: number;
  /** `uid:gid`. */
  readonly owner: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Where a link leads; empty for all else. */
  readonly target: string;
  /** The hash of a file's bytes. */
  readonly content: string;
}

/** A layer's entries by their path, without the slash before it. */
export type LayerEntries = ReadonlyMap<string, LayerEntry>;

/**
 * The entries of those layers (named by `diffId`) that `docker save` wrote, read in one go. Memory grows with the number
 * of files, not with their size. A layer that the archive does not hold, or that holds nothing, is not in the answer.
 */
export async function entriesOfLayers(
  saved: Readable,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, LayerEntries>> {
  const found = new Map<string, LayerEntries>();
  const take = async (content: AsyncIterable<Uint8Array>): Promise<void> => {
    const { diffId, entries } = await readLayer(content);
    if (wanted.has(diffId)) found.set(diffId, entries);
  };
  await readEntries(saved, async (entry) => {
    const { type, size } = entry;
    if (type !== "File") entry.resume();
    else if (size > largestText) await take(unpacked(entry));
    else {
      const bytes = await Array.fromAsync(unpacked(Readable.from([await bytesOf(entry)])));
      if (isArchive(Buffer.concat(bytes))) await take(Readable.from(bytes));
    }
  });
  return found;
}

/** Neither a text nor a layer without entries, which is all zeros. */
function isArchive(bytes: Buffer): boolean {
  return bytes.subarray(257, 262).toString() === "ustar";
}

/** Reads one layer, which is a tar archive as it is. */
export async function readLayer(
  content: AsyncIterable<Uint8Array>,
): Promise<{ readonly diffId: string; readonly entries: LayerEntries }> {
  const whole = createHash("sha256");
  const entries = new Map<string, LayerEntry>();
  await readEntries(Readable.from(hashed(content, whole)), async (entry) => {
    entries.set(entry.path.replace(/^\.?\//, ""), await describeEntry(entry));
  });
  return { diffId: `sha256:${whole.digest("hex")}`, entries };
}

async function* hashed(
  content: AsyncIterable<Uint8Array>,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

async function describeEntry(entry: ReadEntry): Promise<LayerEntry> {
  const { type, mode = 0, uid = 0, gid = 0, mtime, linkpath = "" } = entry;
  const hash = createHash("sha256");
  for await (const chunk of entry as AsyncIterable<Uint8Array>) hash.update(chunk);
  const time = mtime?.getTime() ?? 0;
  return { type, mode, owner: `${uid}:${gid}`, time, target: linkpath, content: hash.digest("hex") };
}
