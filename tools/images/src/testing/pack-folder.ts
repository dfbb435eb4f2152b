import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { packContext } from "../recipe/pack-context.ts";

/** A folder as Docker's own client would send it: what lies in it, as it lies there. */
export function packFolder(folder: string): Readable {
  const paths = globSync("**/*", { cwd: folder }).toSorted();
  return packContext(
    paths.map((path) => {
      const info = statSync(join(folder, path));
      const mode = info.mode & 0o777;
      return info.isDirectory() ? { path, mode } : { path, mode, content: readFileSync(join(folder, path)) };
    }),
  );
}
