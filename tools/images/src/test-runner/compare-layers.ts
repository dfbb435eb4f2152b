import type { LayerEntries, LayerEntry } from "../saved-image/layer-entries.ts";

/** One path that is not the same in two builds of a layer. */
export interface FileDifference {
  /** From the root of the image. */
  readonly path: string;
  /** In what: `content`, `mode`, `owner`, `time`, …, or `only in the first`. */
  readonly differs: readonly string[];
}

/** A layer that is not the same in two builds of an image. */
export interface LayerDifference {
  /** Counted from the lowest, which is 1. */
  readonly layer: number;
  /** `diffId`s; null: that build has no such layer. */
  readonly first: string | null;
  readonly second: string | null;
}

/** Says which layers differ, by their `diffId`s. */
export function compareLayers(
  first: readonly string[],
  second: readonly string[],
): readonly LayerDifference[] {
  const count = Math.max(first.length, second.length);
  return Array.from({ length: count }, (_, index) => ({
    layer: index + 1,
    first: first[index] ?? null,
    second: second[index] ?? null,
  })).filter((pair) => pair.first !== pair.second);
}

/** Says which files of a layer differ, by path. */
export function compareEntries(first: LayerEntries, second: LayerEntries): readonly FileDifference[] {
  return [...new Set([...first.keys(), ...second.keys()])]
    .toSorted()
    .map((path) => ({ path: `/${path}`, differs: differencesOf(first.get(path), second.get(path)) }))
    .filter(({ differs }) => differs.length > 0);
}

/** Words for what an entry says, in the order in which they are named. */
const aspects = {
  type: "kind",
  content: "content",
  target: "where it leads",
  mode: "mode",
  owner: "owner",
  time: "time",
} as const satisfies Record<keyof LayerEntry, string>;

function differencesOf(first: LayerEntry | undefined, second: LayerEntry | undefined): readonly string[] {
  if (first === undefined) return ["only in the second"];
  if (second === undefined) return ["only in the first"];
  const keys = Object.keys(aspects) as (keyof LayerEntry)[];
  return keys.filter((key) => first[key] !== second[key]).map((key) => aspects[key]);
}
