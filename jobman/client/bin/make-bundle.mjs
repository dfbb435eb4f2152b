// Bundles jobman into one file that needs nothing but Node; plain JavaScript, because npm's `prepare` runs it on any Node.
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { oneFile, replace, stampOf } from "@workstation/cli/bundle-files";
import { build } from "esbuild";
import { hashSources } from "./refresh-bundle.js";

const client = join(dirname(fileURLToPath(import.meta.url)), "..");
const root = join(client, "../..");

// `quick` answers what needs neither a command line nor a scheduler, so that version and help load next to nothing.
const bundles = [
  { name: "jobman.cjs", entry: "entry.ts", plugins: [] },
  { name: "quick.cjs", entry: "quick-entry.ts", plugins: [leaveOutCommands()] },
];

/**
 * Makes the bundles in `folder`, and beside them the record of their sources. Files are replaced as a whole: a jobman
 * that starts meanwhile finds the old or the new one.
 */
async function buildJobman(folder) {
  const made = await Promise.all(bundles.map((bundle) => makeBundle(bundle)));
  const sources = [...new Set(made.flatMap((each) => each.sources))].sort();
  const hash = hashSources(sources);
  for (const { name, text } of made) replace(join(folder, name), `// sources ${hash}\n${text}`);
  replace(
    join(folder, "sources.json"),
    `${JSON.stringify({ hash, files: sources.map((path) => stampOf(root, path)) })}\n`,
  );
  return hash;
}

async function makeBundle({ name, entry, plugins }) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [join(client, "src", entry)],
    ...oneFile,
    target: "node20",
    plugins,
    outfile: join(client, "dist", name),
    logLevel: "error",
  });
  return { name, text: result.outputFiles[0].text, sources: Object.keys(result.metafile.inputs) };
}

function leaveOutCommands() {
  const setup = ({ onResolve }) => {
    onResolve({ filter: /./ }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  };
  return { name: "leave-out-commands", setup };
}

const folder = process.argv[2] ?? join(client, "dist");
const hash = await buildJobman(folder);
console.log(`${relative(process.cwd(), folder)} (sources ${hash.slice(0, 12)})`);
