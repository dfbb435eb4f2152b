import type { ImageVariant } from "../family/image.ts";
import { type InputPlaces, readLayerInputs } from "./layer-inputs.ts";
import { makeRecipe, type Recipe } from "./recipe.ts";
import type { SiteFacts } from "./site-facts.ts";

/** The recipe of an image, from the files of the project as they are now. Throws what `readLayerInputs` throws. */
export function readRecipe(places: InputPlaces, image: ImageVariant, facts: SiteFacts): Recipe {
  return makeRecipe(image, readLayerInputs(places, image, facts), facts);
}
