import { exitCodes, UserError } from "@workstation/cli";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { handOn } from "./hand-on.ts";

/**
 * A plan without the images that cannot be built on this machine. Each is told with its reason, and is a skip for whoever
 * sums up results; one that was asked for by name is refused with `IMAGE_UNAVAILABLE`.
 */
export function setAsideUnbuildable(
  { reporter }: Pick<Workspace, "reporter">,
  plan: readonly PlannedImage[],
  names: readonly string[],
): readonly PlannedImage[] {
  const aside = plan.filter((planned) => planned.state === "cannot be built");
  const [first] = aside;
  if (first !== undefined && names.length > 0) {
    throw new UserError(
      "IMAGE_UNAVAILABLE",
      `${imageId(first.image)} cannot be built here: ${reasonOf(first)}`,
      {
        hint: "npm run images -- plan shows what can be",
        exitCode: exitCodes.unavailable,
      },
    );
  }
  for (const planned of aside) {
    reporter.warn(`${imageId(planned.image)} is skipped: ${reasonOf(planned)}`);
    countSkip(planned);
  }
  return plan.filter((planned) => !aside.includes(planned));
}

function reasonOf(planned: PlannedImage): string {
  return planned.reasons.join("; ");
}

function countSkip(planned: PlannedImage): void {
  const name = `the tests of ${imageId(planned.image)}`;
  handOn([{ name, state: "skipped", reason: reasonOf(planned) }]);
}
