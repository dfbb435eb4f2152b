import { join } from "node:path";
import { readBuildMachine } from "../../tools/images/src/builder/build-machine.ts";
import { imageId } from "../../tools/images/src/family/image.ts";
import type { PlannedImage } from "../../tools/images/src/plan/plan.ts";
import { contextFiles } from "../../tools/images/src/recipe/pack-context.ts";
import { writeContext } from "../../tools/images/src/recipe/write-context.ts";
import type { BuildByHand } from "./docker-client.ts";

/**
 * What a person without the `images` command does for a plan: one `docker build` an image, parents first. The images get
 * tags of their own, and stand on each other: ours carry labels that these have not.
 */
export function buildsByHand(plan: readonly PlannedImage[], folder: string): readonly BuildByHand[] {
  const ours = plan.map((planned) => planned.content);
  return plan.map((planned) => {
    const context = join(folder, imageId(planned.image).replace(/[^\w-]+/g, "-"));
    writeContext(context, contextFiles(planned.recipe, readBuildMachine(process.env)));
    const parent = ours.includes(planned.parent) ? `${planned.parent}${byHand}` : planned.parent;
    return { context, parent, tag: `${planned.content}${byHand}` };
  });
}

/** Ends the tags of images that were built by hand. */
export const byHand = "-by-hand";
