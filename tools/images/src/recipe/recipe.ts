import { createHash } from "node:crypto";
import type { ImageVariant } from "../family/image.ts";
import { type ContextEntry, contextEntries } from "./context-entries.ts";
import { writeDockerfile } from "./dockerfile.ts";
import type { LayerInputs } from "./layer-inputs.ts";
import type { SiteFacts } from "./site-facts.ts";

/** How an image is made: a Dockerfile and all that its context holds but the build machine's own `build-ca/`. */
export interface Recipe {
  readonly dockerfile: string;
  readonly entries: readonly ContextEntry[];
  /** Hash of each input by a name that a person knows: a path in the repository, or `recipe`. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Kept as a label: what researchers read about the image. It is no part of the key. */
  readonly readme: string;
  /** The lock without which the image cannot be built, as a path; undefined: it is there. */
  readonly missingLock: string | undefined;
  /** Names of assets that could not be fetched; also kept as a label. */
  readonly missingAssets: readonly string[];
}

/** The recipe of an image: the same inputs give the same text and the same entries in the same order. */
export function makeRecipe(image: ImageVariant, inputs: LayerInputs, facts: SiteFacts): Recipe {
  const dockerfile = writeDockerfile(image, inputs, facts);
  const entries = contextEntries(image, inputs);
  const hashes = entries.map((entry) => [entry.origin, hashOf(entry)] as const);
  return {
    dockerfile,
    entries,
    inputs: { recipe: hashText(dockerfile), ...combine(hashes) },
    readme: inputs.readme,
    missingLock: inputs.missingLock,
    missingAssets: inputs.missingAssets,
  };
}

/** Several entries may come from one origin (a folder); their hashes are joined in order. */
function combine(hashes: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  const joined = new Map<string, string>();
  for (const [origin, hash] of hashes) joined.set(origin, (joined.get(origin) ?? "") + hash);
  return Object.fromEntries(
    [...joined].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([origin, all]) => [origin, hashText(all)]),
  );
}

function hashOf(entry: ContextEntry): string {
  return entry.content.hashAfter(`${entry.path}\0${entry.mode.toString(8)}\0`);
}

function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
