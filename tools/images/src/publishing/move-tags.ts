import { findManifest, putManifest, type StoredManifest } from "../registry/registry.ts";
import type { Destination } from "./pack-image.ts";
import { notStored } from "./push-image.ts";

/** A tag and what it names in the registry; undefined: nothing. */
export interface TagState {
  readonly tag: string;
  readonly digest: string | undefined;
}

/** What tags name now. */
export async function readTags(to: Destination, tags: readonly string[]): Promise<readonly TagState[]> {
  const states: TagState[] = [];
  for (const tag of tags) {
    const found = await findManifest(to.registry, to.repository, tag);
    states.push({ tag, digest: found?.digest });
  }
  return states;
}

/**
 * Lets tags name a manifest that is stored, and reads each back. Of two publishers of one key the last to write its
 * tag wins, and the other's moving tags follow: the last act of both is to see that these name what the key names.
 */
export async function moveTags(
  to: Destination,
  manifest: StoredManifest,
  { key, moving }: { readonly key: string; readonly moving: readonly string[] },
): Promise<StoredManifest> {
  await moveTag(to, key, manifest);
  for (;;) {
    const winner = (await findManifest(to.registry, to.repository, key)) ?? manifest;
    for (const tag of moving) await moveTag(to, tag, winner);
    const still = await findManifest(to.registry, to.repository, key);
    if (still?.digest === winner.digest) return winner;
    if (still === undefined) throw notStored(to, `the tag ${key}`, "nothing");
  }
}

async function moveTag(to: Destination, tag: string, manifest: StoredManifest): Promise<void> {
  const { registry, repository } = to;
  const before = await findManifest(registry, repository, tag);
  if (before?.digest === manifest.digest) return;
  await putManifest(registry, repository, { ...manifest, reference: tag });
}
