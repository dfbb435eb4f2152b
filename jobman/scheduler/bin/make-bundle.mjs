// Makes the scheduler of a cluster one file that needs nothing but Node, for its image. What only one machine's Docker Engine
// needs, and what only a kubeconfig does, stays out: a pod has neither.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { hashFiles, oneFile, replace } from "@workstation/cli/bundle-files";
import { build } from "esbuild";

const scheduler = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(scheduler, "../..");
const folder = process.argv[2] ?? join(scheduler, "dist");

const result = await build({
  absWorkingDir: root,
  entryPoints: [join(scheduler, "src/packed-main.ts")],
  ...oneFile,
  format: "esm",
  target: "node26",
  banner: {
    js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  },
  plugins: [leaveOut()],
  outfile: join(folder, "jobman-scheduler.mjs"),
  logLevel: "error",
});
const sources = Object.keys(result.metafile.inputs)
  .filter((path) => !path.startsWith("left-out:"))
  .sort();
const packages = [...new Set(sources.flatMap(packageFolder))];
const notices = packages.map((path) => `${path.split("node_modules/").at(-1)}\n\n${licenceOf(path)}\n`);
replace(join(folder, "jobman-scheduler.mjs"), result.outputFiles[0].text);
replace(join(folder, "packed-packages.json"), `${JSON.stringify(packages.map(describe), null, 1)}\n`);
replace(join(folder, "licences.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
const files = [...sources, relative(root, fileURLToPath(import.meta.url))];
replace(join(folder, "sources.json"), `${JSON.stringify({ hash: hashFiles(root, files), files })}\n`);

/** A module that says, when it is asked for, that it is not here. */
function leaveOut() {
  const absent = {
    "./docker/open.ts":
      "the Docker Engine is served by the scheduler of the project's folder, not by this image",
    "@kubernetes/client-node":
      "a kubeconfig is read by the scheduler of the project's folder, not by this image",
  };
  return {
    name: "leave-out",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^(\.\/docker\/open\.ts|@kubernetes\/client-node)$/ }, ({ path }) => ({
        path,
        namespace: "left-out",
      }));
      onLoad({ filter: /./, namespace: "left-out" }, ({ path }) => ({
        contents: `import { UserError } from "@workstation/cli";
throw new UserError("NOT_IN_THIS_IMAGE", ${JSON.stringify(absent[path])});`,
        resolveDir: scheduler,
      }));
    },
  };
}

/** The package that a source belongs to, of those that are not the project's own. */
function packageFolder(path) {
  return path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/) ?? [];
}

function describe(path) {
  const { name, version, license } = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  return { name, version, license };
}

/** The words that must go with every copy of it. */
function licenceOf(path) {
  const names = readdirSync(join(root, path)).filter((name) => /^(licen[cs]e|copying|notice)\b/i.test(name));
  return names.map((name) => readFileSync(join(root, path, name), "utf8").trim()).join("\n\n");
}
