import { posix } from "node:path";
import { type Circle, findCircles, folderBelow } from "./folder-circles.ts";
import type { ImportRules } from "./rules.ts";
import { importsOf, isTest, type ResolvedImport, type SourceTree } from "./source-tree.ts";

/** Everything in the sources that breaks a rule about imports or folders, a line each; exceptions that nothing needs too. */
export function findBreaches(tree: SourceTree, rules: ImportRules): readonly string[] {
  const all = [...tree.files.keys()].flatMap((file) => importsOf(tree, file));
  const circles = rules.roots.flatMap((root) => findCircles(tree, root));
  return [
    ...all.flatMap((each) => breachOf(each, rules)),
    ...rules.withoutLibraries.flatMap((entry) => loadedLibraries(tree, entry)),
    ...circles.map(describeCircle),
    ...misleadingFolders(tree, rules),
    ...[...tree.files].flatMap(([file, text]) => namedPrograms(file, text, rules)),
    ...staleExceptions(all, rules),
  ];
}

function breachOf(found: ResolvedImport, rules: ImportRules): readonly string[] {
  if (isExcepted(found, rules)) return [];
  const message =
    partFault(found, rules) ??
    folderFault(found, rules) ??
    apartFault(found, rules) ??
    libraryFault(found, rules);
  return message === undefined ? [] : [`${found.file}:${found.line}: ${message}`];
}

function partFault(found: ResolvedImport, rules: ImportRules): string | undefined {
  const { file, target } = found;
  if (target.kind === "computed" && !isTest(file))
    return "imports what it computes, so that no rule can see it";
  if (target.kind !== "own") return undefined;
  const from = rules.parts.find((part) => file.startsWith(`${part.folder}/`));
  const to = rules.parts.find((part) => within(target.path, part.folder));
  if (from === undefined || from === to) return undefined;
  if (to === undefined) return `imports ${target.path}, which belongs to no part of the project`;
  const allowed = [...from.mayImport, ...(isTest(file) ? (from.inTests ?? []) : [])];
  if (!allowed.includes(to.folder)) return `${from.folder} may not import ${to.folder}`;
  if (target.byName || rules.reachInside.includes(from.folder)) return undefined;
  return `reaches into ${to.folder} by path; a package is imported by its name`;
}

function folderFault({ file, target }: ResolvedImport, rules: ImportRules): string | undefined {
  if (target.kind !== "own" || isTest(file)) return undefined;
  const rule = rules.folders.find((each) => file.startsWith(`${each.folder}/`));
  if (rule === undefined) return undefined;
  const root = rule.folder.slice(0, rule.folder.lastIndexOf("/"));
  if (!target.path.startsWith(`${root}/`) || within(target.path, rule.folder)) return undefined;
  const folder = folderBelow(root, target.path);
  if (folder !== undefined && rule.mayImport.includes(folder)) return undefined;
  return `${rule.folder} may not import ${folder ?? target.path}`;
}

function apartFault({ file, target }: ResolvedImport, rules: ImportRules): string | undefined {
  if (target.kind !== "own" || isTest(file)) return undefined;
  const rule = rules.apart.find((each) => posix.dirname(file) === each.folder);
  const isTable = posix.basename(file) === "table.ts";
  if (rule === undefined || isTable || posix.dirname(target.path) !== rule.folder) return undefined;
  if (rule.shared.includes(posix.basename(target.path))) return undefined;
  return `files of ${rule.folder} may not import each other; what two of them need lies below`;
}

function libraryFault({ file, target }: ResolvedImport, rules: ImportRules): string | undefined {
  if (target.kind !== "library") return undefined;
  const owner = rules.libraryOwners[target.name];
  return owner === undefined || within(file, owner) ? undefined : `only ${owner} may import ${target.name}`;
}

function loadedLibraries(tree: SourceTree, entry: string): readonly string[] {
  if (!tree.files.has(entry)) return [`${entry}: is named by the import rules, and is not there`];
  const visited = new Set<string>();
  const pending = [entry];
  const faults: string[] = [];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (visited.has(file)) continue;
    visited.add(file);
    for (const { target, line, loads } of importsOf(tree, file)) {
      if (!loads) continue;
      if (target.kind === "own") pending.push(target.path);
      if (target.kind === "library") faults.push(`${file}:${line}: ${entry} would load ${target.name}`);
    }
  }
  return faults;
}

function describeCircle({ root, folders, steps }: Circle): string {
  return `${root}: ${folders.join(", ")} import each other:\n${steps.map((step) => `  ${step}`).join("\n")}`;
}

function misleadingFolders(tree: SourceTree, rules: ImportRules): readonly string[] {
  const found = [...tree.files.keys()].flatMap((file) => {
    const names = posix.dirname(file).split("/");
    const at = names.findIndex((name) => rules.misleadingFolders.includes(name));
    return at < 0 ? [] : [names.slice(0, at + 1).join("/")];
  });
  return [...new Set(found)].map(
    (folder) => `${folder}: holds sources, and its name promises what is made of them or tests them`,
  );
}

/** A program that is started is no import: whoever names one of a part may as well import it. */
function namedPrograms(file: string, text: string, { ownPrograms }: ImportRules): readonly string[] {
  return ownPrograms.flatMap((folder) => {
    if (isTest(file) || within(file, folder)) return [];
    const named = new RegExp(`["'\`](?:[^"'\`\\n]*/)?${folder}(?:/[^"'\`\\n]*)?["'\`]`);
    const line = text.split("\n").findIndex((each) => named.test(each));
    return line < 0
      ? []
      : [`${file}:${line + 1}: names a program of ${folder}, which nothing outside of it starts`];
  });
}

function isExcepted(found: ResolvedImport, { exceptions }: ImportRules): boolean {
  return exceptions.imports.some((each) => each.file === found.file && aims(found, each.imports));
}

function aims({ target }: ResolvedImport, at: string): boolean {
  return target.kind === "own" ? within(target.path, at) : target.kind === at;
}

function staleExceptions(all: readonly ResolvedImport[], { exceptions }: ImportRules): readonly string[] {
  const idle = exceptions.imports.filter(
    ({ file, imports }) => !all.some((each) => each.file === file && aims(each, imports)),
  );
  return idle.map(
    ({ file, imports }) => `${file} imports nothing of ${imports} any more: remove the exception`,
  );
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
