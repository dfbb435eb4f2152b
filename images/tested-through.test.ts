import { globSync } from "node:fs";
import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { build, type Plugin } from "esbuild";
import { expect, test } from "vitest";
import { expandFamily, imageId } from "../tools/images/src/family/image.ts";
import { testSets } from "../tools/images/src/tested/test-set.ts";
import { countsFor } from "../tools/images/src/tested/variant-folder.ts";
import { family } from "./family.ts";

const root = join(import.meta.dirname, "..");
const rules = globSync("tools/images/src/image-tests/matrix/*.image-test.ts", { cwd: root });

/** Libraries are another matter: the project's lock file pins them. */
const ownSources: Plugin = {
  name: "own-sources",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || path.startsWith("@workstation/") ? undefined : { path, external: true },
    ),
};

/** The files of the project of which something is left when the tests are made one program. */
async function importedBy(entryPoints: readonly string[]): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [...entryPoints],
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node22",
    metafile: true,
    write: false,
    outdir: "unwritten",
    logLevel: "silent",
    plugins: [ownSources],
  });
  const taken = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  return [...new Set(taken.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : [])))];
}

test.each(expandFamily(family).map((image) => [imageId(image), image] as const))(
  "%s has to pass its tests again when anything changes that they import",
  async (_, image) => {
    const tests = image.layers
      .flatMap((layer) => globSync(`images/${layer.name}/**/*.test.ts`, { cwd: root }))
      .filter((path) => countsFor(path, image.variant) && !path.endsWith(".docker.test.ts"));
    const { files } = testSets({ root, site: loadSite(join(root, "site.yaml")) })(image);
    expect((await importedBy([...tests, ...rules])).filter((path) => !(path in files))).toEqual([]);
  },
);
