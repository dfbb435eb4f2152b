import type { PlannedImage } from "./plan.ts";

/** One image of the plan, as scripts read it. */
export function planData(planned: PlannedImage) {
  const { image } = planned;
  return {
    name: image.name,
    kind: image.kind,
    variant: image.variant,
    parent: image.parent?.name ?? null,
    tags: planned.references.moving,
    key: planned.key,
    state: planned.state,
    reasons: planned.reasons,
    contentTag: planned.content,
    missingAssets: planned.recipe.missingAssets,
  };
}
