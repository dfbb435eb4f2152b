import { constants } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { storageError } from "./storage-error.ts";

/** What replacing needs of a file that others append to meanwhile. */
export interface ReplaceSteps {
  readonly file: string;
  /** Runs `work` while nobody appends. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** The open file and its bytes of whole lines. */
  now(): OpenLines;
  /** From here on lines are appended to another open file. */
  goOnIn(next: OpenLines): Promise<void>;
}

interface OpenLines {
  readonly handle: FileHandle;
  readonly length: number;
}

/** The name under which a file's replacement is written; a crash may leave it, and it is worth nothing. */
export function unfinishedName(file: string): string {
  return `${file}.new`;
}

/**
 * Writes `lines` and what was appended since the call into a new file, and puts it in the old one's place. A crash
 * leaves the one or the other, and each has everything whose append resolved.
 */
export async function replaceLines(steps: ReplaceSteps, lines: () => Iterable<string>): Promise<void> {
  const from = await steps.exclusively(async () => steps.now().length);
  const temporary = unfinishedName(steps.file);
  let next: Growing | undefined;
  try {
    // Meanwhile those who wrote before that point act on it; what comes behind it is copied, acted on or not.
    next = await openNew(temporary);
    await writeLines(next, lines());
    const copied = await copyTail(steps.now(), { next, from });
    await next.handle.datasync();
    const made = next;
    await steps.exclusively(() => finish(steps, { made, temporary, from: copied }));
  } catch (error) {
    if (next !== undefined && steps.now().handle !== next.handle) await next.handle.close();
    await rm(temporary, { force: true }).catch(() => undefined);
    throw storageError(steps.file, error);
  }
}

interface Growing {
  readonly handle: FileHandle;
  length: number;
}

async function openNew(temporary: string): Promise<Growing> {
  await rm(temporary, { force: true });
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
  return { handle: await open(temporary, flags, 0o600), length: 0 };
}

async function finish(
  steps: ReplaceSteps,
  parts: { readonly made: Growing; readonly temporary: string; readonly from: number },
): Promise<void> {
  const { made, temporary, from } = parts;
  await copyTail(steps.now(), { next: made, from });
  await made.handle.datasync();
  await rename(temporary, steps.file);
  // Whatever happens now, the old file has no name any more.
  await steps.goOnIn(made);
  await syncFolder(dirname(steps.file));
}

const chunkBytes = 65_536;

async function writeLines(next: Growing, lines: Iterable<string>): Promise<void> {
  let text = "";
  for (const line of lines) {
    text += line;
    if (text.length < chunkBytes) continue;
    await write(next, Buffer.from(text));
    text = "";
  }
  await write(next, Buffer.from(text));
}

/** Copies what stands in the old file from `from` on; answers where it ended. */
async function copyTail(
  old: OpenLines,
  options: { readonly next: Growing; readonly from: number },
): Promise<number> {
  let { from } = options;
  while (from < old.length) {
    const buffer = Buffer.alloc(Math.min(chunkBytes, old.length - from));
    const { bytesRead } = await old.handle.read(buffer, 0, buffer.length, from);
    if (bytesRead === 0) throw new Error(`${old.length - from} bytes of it are missing`);
    await write(options.next, buffer.subarray(0, bytesRead));
    from += bytesRead;
  }
  return from;
}

async function write(next: Growing, data: Buffer): Promise<void> {
  if (data.length === 0) return;
  await next.handle.appendFile(data);
  next.length += data.length;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
