import { importsOf, isTest, type SourceTree } from "./source-tree.ts";

/** Folders that import each other, with one import of each pair that does. */
export interface Circle {
  readonly root: string;
  readonly folders: readonly string[];
  readonly steps: readonly string[];
}

type Edges = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** The circles among the folders directly below a root; files of the root itself and tests put things together freely. */
export function findCircles(tree: SourceTree, root: string): readonly Circle[] {
  const edges = folderEdges(tree, root);
  const circles = new Map<string, Circle>();
  for (const folder of edges.keys()) {
    const folders = [...reachable(edges, folder)]
      .filter((each) => reachable(edges, each).has(folder))
      .toSorted();
    if (folders.length > 1)
      circles.set(folders.join(), { root, folders, steps: stepsWithin(edges, folders) });
  }
  return [...circles.values()];
}

/** The folder directly below a root in which a path lies; undefined outside and for files of the root itself. */
export function folderBelow(root: string, path: string): string | undefined {
  if (!path.startsWith(`${root}/`)) return undefined;
  const [folder, ...rest] = path.slice(root.length + 1).split("/");
  return rest.length === 0 ? undefined : folder;
}

function folderEdges(tree: SourceTree, root: string): Edges {
  const edges = new Map<string, Map<string, string>>();
  for (const file of tree.files.keys()) {
    const from = folderBelow(root, file);
    if (from === undefined || isTest(file)) continue;
    const targets = edges.get(from) ?? new Map<string, string>();
    edges.set(from, targets);
    for (const { target, line } of importsOf(tree, file)) {
      const to = target.kind === "own" ? folderBelow(root, target.path) : undefined;
      if (to !== undefined && to !== from && !targets.has(to)) targets.set(to, `${file}:${line}`);
    }
  }
  return edges;
}

function reachable(edges: Edges, start: string): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    for (const next of edges.get(folder)?.keys() ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      visit(next);
    }
  };
  visit(start);
  return found;
}

function stepsWithin(edges: Edges, folders: readonly string[]): readonly string[] {
  return folders.flatMap((from) =>
    [...(edges.get(from) ?? [])]
      .filter(([to]) => folders.includes(to))
      .map(([to, where]) => `${from} imports ${to} (${where})`),
  );
}
