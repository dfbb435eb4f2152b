import { imageId } from "../family/image.ts";
import type { PlannedImage } from "./plan.ts";

/** So many reasons of one image are named; `--json` has all. */
const mostReasons = 5;

/** An image of the plan for a person: its state, and below it why. */
export function planLines(planned: Pick<PlannedImage, "image" | "state" | "reasons" | "recipe">): string {
  const missing = planned.recipe.missingAssets.map((name) => `without ${name}, which is not on this machine`);
  const notes = [...shortened(planned.reasons), ...missing].map((note) => `\n    ${note}`).join("");
  return `${imageId(planned.image)}: ${planned.state}${notes}\n`;
}

/** "And one more" would be no shorter than the one. */
function shortened(reasons: readonly string[]): readonly string[] {
  const more = reasons.length - mostReasons;
  return more > 1 ? [...reasons.slice(0, mostReasons), `and ${more} more (--json names them)`] : reasons;
}
