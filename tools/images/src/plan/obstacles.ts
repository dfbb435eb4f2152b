import { type ImageVariant, imageId } from "../family/image.ts";
import { ownIndex } from "../family/own-index.ts";
import { indexProblem } from "../locks/package-index.ts";
import type { PlannedImage } from "./plan.ts";

/** A plan in which what would be built, but cannot be on this machine, says so. An index is asked only for what needs it. */
export async function findObstacles(
  plan: readonly PlannedImage[],
  signal: AbortSignal,
): Promise<readonly PlannedImage[]> {
  const asked = plan.filter(({ image, state }) => state === "to build" && ownIndex(image) !== undefined);
  const answers = await Promise.all(asked.map((planned) => obstacleTo(planned, signal)));
  const obstacles = new Map(asked.map(({ image }, index) => [image, answers[index]]));
  return withObstacles(plan, (image) => obstacles.get(image));
}

/** What cannot be built takes with it what would be built on it. Pure; parents come first. */
export function withObstacles(
  plan: readonly PlannedImage[],
  obstacleOf: (image: ImageVariant) => string | undefined,
): readonly PlannedImage[] {
  const out = new Set<ImageVariant>();
  return plan.map((planned) => {
    const { image, state } = planned;
    if (state !== "to build") return planned;
    const { parent } = image;
    const standsOnNothing = parent !== undefined && out.has(parent);
    const obstacle = standsOnNothing ? `${imageId(parent)} cannot be built here` : obstacleOf(image);
    if (obstacle === undefined) return planned;
    out.add(image);
    return { ...planned, state: "cannot be built", reasons: [obstacle] };
  });
}

async function obstacleTo({ image, recipe }: PlannedImage, signal: AbortSignal): Promise<string | undefined> {
  const url = ownIndex(image);
  const problem = url === undefined ? undefined : await indexProblem(url, signal);
  if (problem !== undefined || recipe.missingLock === undefined) return problem;
  return `${recipe.missingLock} is not made yet: npm run images -- lock ${image.layer.name}`;
}
