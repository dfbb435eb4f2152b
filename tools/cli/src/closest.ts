import { distance } from "fastest-levenshtein";

/**
 * The one of `names` that a mistyped `text` most likely means: at most a third of its letters (at least one) put in, left
 * out or changed. Undefined when none is that near.
 */
export function closest(text: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(text.length / 3));
  for (const name of names) {
    const letters = distance(text, name);
    if (letters > least || (letters === least && best !== undefined)) continue;
    [best, least] = [name, letters];
  }
  return best;
}
