// What those do with their files who make one file of a command. Plain JavaScript, because npm's `prepare` runs it on any Node.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How esbuild makes one file of a command, for whoever adds what goes in and where it lies. */
export const oneFile = {
  bundle: true,
  platform: "node",
  format: "cjs",
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  metafile: true,
  write: false,
};

/** What a record keeps of a source, a path in the project's folder: its size and time tell whether it has changed. */
export function stampOf(root, path) {
  const { size, mtimeMs } = statSync(join(root, path));
  return [path, size, mtimeMs];
}

/** What a file was made of, as one hash over the paths and contents of files below a folder. */
export function hashFiles(root, paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
}

/** Writes a file as a whole: who starts meanwhile finds the old or the new one. */
export function replace(path, text) {
  const temporary = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
