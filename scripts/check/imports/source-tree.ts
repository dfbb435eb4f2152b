import { posix } from "node:path";
import { type Import, readImports } from "./read-imports.ts";

/** The project's sources, and the packages of which they are made. */
export interface SourceTree {
  /** Texts by path, relative to the project's folder. */
  readonly files: ReadonlyMap<string, string>;
  /** The project's own packages by name. */
  readonly packages: ReadonlyMap<string, Package>;
}

export interface Package {
  readonly folder: string;
  /** As in package.json: `.`, `./test`, … and the file of each. */
  readonly exports: Readonly<Record<string, string>>;
}

/** One import with what it means. */
export interface ResolvedImport extends Import {
  readonly file: string;
  readonly target:
    | { readonly kind: "own"; readonly path: string; readonly byName: boolean }
    | { readonly kind: "library"; readonly name: string }
    | { readonly kind: "node" }
    | { readonly kind: "computed" };
}

/** All imports of a file. */
export function importsOf(tree: SourceTree, file: string): readonly ResolvedImport[] {
  return readImports(tree.files.get(file) ?? "").map((each) => ({
    ...each,
    file,
    target: resolve(tree, file, each.specifier),
  }));
}

function resolve(tree: SourceTree, file: string, specifier: string | undefined): ResolvedImport["target"] {
  if (specifier === undefined) return { kind: "computed" };
  if (/^\.{0,2}\//.test(specifier) || /^\.{1,2}$/.test(specifier)) {
    return { kind: "own", path: posix.join(posix.dirname(file), specifier), byName: false };
  }
  const name = specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
  const own = tree.packages.get(name);
  if (own !== undefined) {
    const entry = own.exports[`.${specifier.slice(name.length)}`] ?? "";
    return { kind: "own", path: posix.join(own.folder, entry), byName: true };
  }
  return specifier.startsWith("node:") ? { kind: "node" } : { kind: "library", name };
}

/** Tests and what serves them alone. */
export function isTest(file: string): boolean {
  return /\.(image-)?test\.ts$|\.image-test\.ts$|\/(testing|contract)\//.test(file);
}
