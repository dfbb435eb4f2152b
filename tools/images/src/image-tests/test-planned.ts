import { exitCodes, formatDuration, UserError } from "@workstation/cli";
import type { DockerConnection } from "@workstation/docker";
import { moveTags } from "../builder/build-family.ts";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type TestOutcome, testImage } from "./test-image.ts";

/** Tests one planned image and says how it went; throws `IMAGE_TESTS_FAILED`, so that its tags stay where they are. */
export async function requireTested(
  workspace: Workspace,
  planned: PlannedImage,
  options: { readonly all: boolean },
): Promise<void> {
  const outcome = await testPlanned(workspace, planned, options);
  if (outcome.state !== "failed") return;
  throw new UserError(
    "IMAGE_TESTS_FAILED",
    `${imageId(planned.image)} failed ${outcome.failed} of its tests`,
    {
      hint: `its tags stay where they are; again: npm run images -- test ${planned.image.name}`,
      exitCode: exitCodes.failure,
    },
  );
}

async function testPlanned(
  workspace: Workspace,
  planned: PlannedImage,
  options: { readonly all: boolean },
): Promise<TestOutcome> {
  const { root, local, signal, reporter } = workspace;
  const layers = planned.image.layers.map((layer) => layer.name);
  const outcome = await testImage(
    { reference: planned.content, key: planned.key, layers },
    { root, local, signal, reporter, all: options.all },
  );
  reporter.info(`${imageId(planned.image)}: ${inWords(outcome)}`);
  return outcome;
}

/** Tests one planned image, and gives it its moving tags when nothing failed; a failure is an outcome. */
export async function testAndTag(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, all }: { readonly planned: PlannedImage; readonly all: boolean },
): Promise<TestOutcome> {
  return workspace.reporter.step(`Test ${imageId(planned.image)}`, async (reporter) => {
    const outcome = await testPlanned({ ...workspace, reporter }, planned, { all });
    if (outcome.state !== "failed") await moveTags(docker, planned);
    return outcome;
  });
}

function inWords(outcome: TestOutcome): string {
  const counts = `${outcome.passed} passed, ${outcome.failed} failed, ${outcome.skipped.length} skipped`;
  if (outcome.state === "remembered") return `passed these tests before (${counts}); --all runs them again`;
  return `${counts} in ${formatDuration(outcome.seconds)}`;
}
