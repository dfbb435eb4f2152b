import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { UserError } from "@workstation/cli";
import { readingFrom } from "../workspace/file-fault.ts";
import { type Content, hashAfter, heldContent } from "./content.ts";
import { forgetHashes, recallHash, rememberHash } from "./hash-memory.ts";

/** A file whose content a recipe takes. */
export interface SourceFile {
  readonly file: string;
  /** Where it comes from, as a person knows it. */
  readonly origin: string;
  /** The account's cache, which remembers hashes. */
  readonly cache: string;
}

/** Smaller files are read as quickly as they are looked up. */
const large = 1_000_000;

/** File systems tell times in steps; within one a file can change twice and look the same. */
const stepMs = 2_000;

/**
 * The content of a file. A large one is read when it is asked for, or when its hash is not remembered: by size, inode and
 * the times of its last changes, of which `ctime` cannot be set back. Throws `CANNOT_READ`.
 */
export function fileContent(source: SourceFile, now: () => number = Date.now): Content {
  const { file, origin } = source;
  return readingFrom(origin, () => {
    const { size, ino, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    if (size < large) return heldContent(readFileSync(file));
    const changedMs = Math.max(Number(mtimeNs), Number(ctimeNs)) / 1e6;
    const settled = changedMs < now() - stepMs;
    return laterContent(source, settled ? [size, ino, mtimeNs, ctimeNs].join(" ") : undefined);
  });
}

/** The content of a file that is named by its content's hash, and so never holds another one: a look is not needed. */
export function pinnedContent(source: SourceFile, sha256: string): Content {
  return laterContent(source, `sha256 ${sha256}`);
}

/** Whether a file names the interpreter that it is for. */
export function isScript({ file, origin }: SourceFile): boolean {
  return readingFrom(origin, () => {
    const opened = openSync(file, "r");
    try {
      const start = Buffer.alloc(2);
      readSync(opened, start, 0, 2, 0);
      return start.toString("latin1") === "#!";
    } finally {
      closeSync(opened);
    }
  });
}

function laterContent(source: SourceFile, identity: string | undefined): Content {
  const { cache, file, origin } = source;
  const hashes = new Map<string, string>();
  const readNow = (): Buffer => readingFrom(origin, () => readFileSync(file));
  return {
    hashAfter: (start) => {
      const hashed = identity === undefined ? undefined : { name: `${start}${file}`, identity };
      const known = hashed && recallHash(cache, hashed);
      const hash = known ?? hashAfter(start, readNow());
      if (hashed !== undefined && known === undefined) rememberHash(cache, hashed, hash);
      hashes.set(start, hash);
      return hash;
    },
    read: () => {
      const content = readNow();
      if ([...hashes].every(([start, hash]) => hashAfter(start, content) === hash)) return content;
      forgetHashes(cache);
      throw new UserError("INPUT_CHANGED", `${origin} changed after the images were planned`, {
        hint: "run the same command again",
      });
    },
  };
}
