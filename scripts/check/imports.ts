import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { exitCodes, runCommand } from "@workstation/cli";
import { projectFolder } from "../setup/places.ts";
import { findBreaches } from "./imports/find-breaches.ts";
import { importRules } from "./imports/rules.ts";
import type { Package, SourceTree } from "./imports/source-tree.ts";

/** Reads the project's sources and its packages. */
export function readSourceTree(root: string): SourceTree {
  const folders = importRules.parts.map((part) => part.folder);
  const paths = globSync(`{${folders.join()}}/**/*.{ts,js,mjs}`, {
    cwd: root,
    exclude: (name) => name === "node_modules" || name === "dist" || name === "generated",
  });
  const files = paths.map((path) => path.split(sep).join("/")).toSorted();
  return {
    files: new Map(files.map((path) => [path, readFileSync(join(root, path), "utf8")])),
    packages: new Map(
      globSync("{tools,jobman}/*/package.json", { cwd: root }).map((file) => readPackage(root, file)),
    ),
  };
}

function readPackage(root: string, file: string): readonly [string, Package] {
  const { name, exports = {} } = JSON.parse(readFileSync(join(root, file), "utf8")) as {
    readonly name: string;
    readonly exports?: Readonly<Record<string, string>>;
  };
  return [name, { folder: file.slice(0, -"/package.json".length), exports }];
}

/** Part of `npm run check`: who imports whom is as the rules say. */
async function main(): Promise<number> {
  const breaches = findBreaches(readSourceTree(projectFolder), importRules);
  process.stdout.write(breaches.map((breach) => `${breach}\n`).join(""));
  return breaches.length === 0 ? exitCodes.ok : exitCodes.failure;
}

if (import.meta.main) process.exitCode = await runCommand(main, process.stderr);
