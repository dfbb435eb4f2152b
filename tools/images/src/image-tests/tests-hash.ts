import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A hash over all that decides what the tests of these layers do: the files beside them, and the harness. */
export function testsHash(root: string, layers: readonly string[]): string {
  const patterns = [
    ...layers.map((layer) => `images/${layer}/**/*.{ts,py,txt}`),
    "tools/images/src/image-tests/**/*.ts",
  ];
  const files = globSync(patterns, { cwd: root }).toSorted();
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}
