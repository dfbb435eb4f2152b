// Makes one file of the `images` command and the project's own table of images, so that a plan starts in a fraction of
// the time that its sources and libraries take to load. A cache of this tree alone: it has this tree's paths inside.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { oneFile, replace, stampOf } from "@workstation/cli/bundle-files";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const table = join(root, "images/family.ts");
const folder = process.argv[2] ?? join(root, "node_modules/.cache/images");

const result = await build({
  absWorkingDir: root,
  entryPoints: ["tools/images/src/cli.ts"],
  ...oneFile,
  target: "node22",
  external: ["*.node", "cpu-features", "playwright-core", "vitest"],
  plugins: [keepPlaces(), loadLate()],
  outfile: join(folder, "images.cjs"),
  logLevel: "silent",
});
// A table that is refused is to be read, and named in the message, where it stands: the command then runs from its sources.
await import(pathToFileURL(table).href);
replace(join(folder, "images.cjs"), result.outputFiles[0].text);
const sources = Object.keys(result.metafile.inputs).filter((path) => !/^late:|^node_modules\//.test(path));
// npm writes the second as its last act: it stands for all libraries.
const files = [
  ...sources,
  "node_modules/.package-lock.json",
  "tools/images/bin/make-bundle.mjs",
  "tools/cli/src/bundle-files.mjs",
].map((path) => stampOf(root, path));
replace(join(folder, "sources.json"), JSON.stringify({ root, files }));

/** Sources look for what lies beside them, and the table is imported by its path: both are written out. */
function keepPlaces() {
  return {
    name: "keep-places",
    setup({ onLoad }) {
      onLoad({ filter: /\.[jt]s$/ }, ({ path }) => {
        if (path.includes("/node_modules/")) return undefined;
        if (path.endsWith(".js")) return { contents: withFolder(path), loader: "js" };
        const url = JSON.stringify(pathToFileURL(path).href);
        const resolve = `(name => "file://" + require("node:module").createRequire(${url}).resolve(name))`;
        const contents = readFileSync(path, "utf8")
          .replaceAll("import.meta.dirname", JSON.stringify(dirname(path)))
          .replaceAll("import.meta.resolve", resolve)
          .replaceAll("import.meta.url", url)
          .replaceAll("import.meta.main", "false");
        return { contents: withTable(path, contents), loader: "ts" };
      });
    },
  };
}

function withFolder(path) {
  return readFileSync(path, "utf8").replaceAll("__dirname", JSON.stringify(dirname(path)));
}

function withTable(path, contents) {
  if (!path.endsWith("family/import-table.ts")) return contents;
  return contents.replace(/import\(pathToFileURL\(.*\)\.href\)/, `import(${JSON.stringify(table)})`);
}

/** What few verbs need stays where it is installed, and is loaded when it is first called; a plan needs none of it. */
function loadLate() {
  const late = [
    [/\/tools\/images\//, "execa"],
    [/\/dockerode\/lib$/, "./session"],
    [/\/dockerode\/lib$/, "tar-fs"],
    [/\/docker-modem\/lib$/, "./ssh"],
  ];
  const exported = { execa: "execa" };
  return {
    name: "load-late",
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^(execa|tar-fs|\.\/session|\.\/ssh)$/ }, ({ path, resolveDir }) => {
        if (!late.some(([where, name]) => name === path && where.test(resolveDir))) return undefined;
        return { path, namespace: "late", pluginData: resolveDir };
      });
      onLoad({ filter: /./, namespace: "late" }, ({ path, pluginData }) => {
        const place = JSON.stringify(join(pluginData, "late.js"));
        const real = `process.getBuiltinModule("node:module").createRequire(${place})(${JSON.stringify(path)})`;
        return { contents: path in exported ? lateExport(exported[path], real) : lateModule(real) };
      });
    },
  };
}

function lateExport(name, real) {
  return `export const ${name} = (...given) => ${real}.${name}(...given);`;
}

function lateModule(real) {
  return `module.exports = new Proxy(function () {}, {
  apply: (_, self, given) => Reflect.apply(${real}, self, given),
  get: (_, name) => ${real}[name],
});`;
}
