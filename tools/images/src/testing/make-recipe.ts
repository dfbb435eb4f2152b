import type { Recipe } from "../recipe/recipe.ts";

/** A recipe with these inputs, whose files do not matter. */
export function recipeWith(inputs: Readonly<Record<string, string>>, readme = ""): Recipe {
  return {
    dockerfile: "FROM scratch\n",
    entries: [],
    inputs,
    readme,
    missingLock: undefined,
    missingAssets: [],
  };
}
