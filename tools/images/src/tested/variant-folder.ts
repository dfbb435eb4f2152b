import { type Variant, variantNames } from "../family/variants.ts";

/**
 * Whether a file of a layer, by its path in the repository (`images/<layer>/…`), counts for a variant: a folder of a layer
 * that has a variant's name is that variant's alone.
 */
export function countsFor(path: string, variant: Variant): boolean {
  const folder = path.split("/")[2];
  return folder === variant || !variantNames.some((name) => name === folder);
}
