import type { CatalogueImage } from "./engine.ts";

/** Long enough that a flood of questions is one to the engine, short enough that nobody waits for an image just built. */
const freshMs = 1000;

/** Asks the engine for its images at most once at a time and once a second, however many ask; a failure is not kept. */
export function cacheList(
  list: () => Promise<readonly CatalogueImage[]>,
  now: () => number,
): () => Promise<readonly CatalogueImage[]> {
  let kept: { readonly images: Promise<readonly CatalogueImage[]>; until: number } | undefined;
  return () => {
    if (kept !== undefined && now() < kept.until) return kept.images;
    const asked = { images: list(), until: Number.POSITIVE_INFINITY };
    kept = asked;
    asked.images.then(
      () => {
        asked.until = now() + freshMs;
      },
      () => {
        kept = undefined;
      },
    );
    return asked.images;
  };
}
