import { Readable } from "node:stream";

/** A file or folder (`content` undefined) of a build context. */
export interface PackedFile {
  readonly path: string;
  readonly mode: number;
  readonly content?: Buffer;
}

/**
 * A tar archive from what is in memory, in the given order, all of it root's and of one time (seconds): the same input
 * gives the same bytes.
 */
export function packFiles(files: readonly PackedFile[], time = 0): Readable {
  return Readable.from(archiveOf(files, new Date(time * 1000)));
}

/** Entry by entry: tar's own `Pack` reads from the disk, and stops when more than four come from memory. */
async function* archiveOf(files: readonly PackedFile[], mtime: Date): AsyncGenerator<Buffer> {
  const { Header, ReadEntry, WriteEntryTar } = await import("tar"); // only who packs waits for it
  for (const { path, mode, content } of files) {
    const kind = { type: content === undefined ? "Directory" : "File", size: content?.length ?? 0 } as const;
    const entry = new ReadEntry(new Header({ path, mode, mtime, uid: 0, gid: 0, ...kind }));
    if (content !== undefined) entry.write(content);
    entry.end();
    yield* new WriteEntryTar(entry);
  }
  yield Buffer.alloc(2 * blockSize);
}

/** An archive ends with two empty blocks (POSIX.1-2017, pax, ustar Interchange Format). */
const blockSize = 512;
