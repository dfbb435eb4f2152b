import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../workspace/replace-file.ts";

/** What a hash is remembered for. */
export interface Hashed {
  /** What was hashed: a file, and the text before its content. */
  readonly name: string;
  /** What is another one as soon as the content is. */
  readonly identity: string;
}

const records = z.record(z.string(), z.tuple([z.string(), z.string()]));

const mostRecords = 200;

/** The hash that this account remembers; undefined: none, or one of an earlier content. */
export function recallHash(cache: string, { name, identity }: Hashed): string | undefined {
  const [of, hash] = readRecords(cache)[name] ?? [];
  return of === identity ? hash : undefined;
}

/**
 * Remembers a hash, for all clones of the project; the oldest are forgotten. Two processes at once may lose a record, and
 * a cache that cannot be written keeps none: both cost no more than reading a file again.
 */
export function rememberHash(cache: string, { name, identity }: Hashed, hash: string): void {
  const { [name]: _, ...others } = readRecords(cache);
  const kept = [...Object.entries(others), [name, [identity, hash]] as const].slice(-mostRecords);
  whereItCan(() => replaceFile(fileOf(cache), `${JSON.stringify(Object.fromEntries(kept))}\n`));
}

/** Forgets all hashes: one of them was wrong. */
export function forgetHashes(cache: string): void {
  whereItCan(() => rmSync(fileOf(cache), { force: true }));
}

/** A full disk or a missing permission is none of a plan's business. */
function whereItCan(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}

function readRecords(cache: string): z.infer<typeof records> {
  try {
    return records.parse(JSON.parse(readFileSync(fileOf(cache), "utf8")));
  } catch {
    return {};
  }
}

function fileOf(cache: string): string {
  return join(cache, "file-hashes.json");
}
