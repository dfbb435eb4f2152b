import { exitCodes, formatDuration, UserError } from "@workstation/cli";
import { type DockerConnection, inspectImage } from "@workstation/docker";
import { testThenTag } from "../builder/build-family.ts";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { type ImageTestResult, readPassedTests, writePassedTests } from "../tested/passed-tests.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { handOn, resultsAreWanted } from "./hand-on.ts";
import { type TestOutcome, testImage } from "./test-image.ts";

/** Tests one planned image and says how it went; throws `IMAGE_TESTS_FAILED`, so that its tags stay where they are. */
export async function requireTested(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, all }: { readonly planned: PlannedImage; readonly all: boolean },
): Promise<void> {
  const outcome = await testPlanned(docker, workspace, { planned, all });
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

/** Tests one planned image, and gives it its moving tags when nothing failed; a failure is an outcome. */
export async function testAndTag(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, all }: { readonly planned: PlannedImage; readonly all: boolean },
): Promise<TestOutcome> {
  return testThenTag(docker, workspace, {
    planned,
    test: (reporter) => testPlanned(docker, { ...workspace, reporter }, { planned, all }),
    passed: ({ state }) => state !== "failed",
  });
}

/** Runs the tests of some layers alone against an image; whatever comes of it, its tags stay where they are. */
export async function testLayers(
  workspace: Workspace,
  { planned, layers }: { readonly planned: PlannedImage; readonly layers: readonly string[] },
): Promise<TestOutcome> {
  return workspace.reporter.step(
    `Test ${layers.join(", ")} in ${imageId(planned.image)}`,
    async (reporter) => {
      const outcome = await testImage(imageToTest(planned), { ...workspace, reporter, only: layers });
      conclude({ ...workspace, reporter }, planned, outcome);
      return outcome;
    },
  );
}

async function testPlanned(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, all }: { readonly planned: PlannedImage; readonly all: boolean },
): Promise<TestOutcome> {
  const image = await inspectImage(docker, planned.content);
  if (image === undefined) throw new Error(`${planned.content} vanished before it could be tested`);
  const proof = { imageId: image.id, tag: planned.tests.tag };
  if (!all && image.tags.includes(planned.proof))
    return conclude(workspace, planned, rememberedOutcome(workspace, proof));
  const outcome = await testImage(imageToTest(planned), workspace);
  if (outcome.state === "passed") {
    const { results, seconds } = outcome;
    writePassedTests(workspace.cache, proof, { files: planned.tests.files, results: [...results], seconds });
  }
  return conclude(workspace, planned, outcome);
}

/** Says of images that are up to date how their tests went, if anybody sums up results. */
export async function tellRemembered(
  docker: DockerConnection,
  workspace: Workspace,
  upToDate: readonly PlannedImage[],
): Promise<void> {
  if (!resultsAreWanted()) return;
  for (const planned of upToDate) await testPlanned(docker, workspace, { planned, all: false });
}

/** The engine's tag says that they passed; which they were may be forgotten. */
function rememberedOutcome(
  { cache }: Workspace,
  proof: { readonly imageId: string; readonly tag: string },
): TestOutcome {
  const passed = readPassedTests(cache, proof);
  const unknown: ImageTestResult = { name: `all of ${proof.tag}`, state: "passed", reason: "" };
  return { state: "remembered", results: passed?.results ?? [unknown], failed: 0, seconds: 0 };
}

function imageToTest(planned: PlannedImage) {
  const { layers, variant, kind } = planned.image;
  return { reference: planned.content, layers: layers.map((layer) => layer.name), variant, kind };
}

function conclude(workspace: Workspace, planned: PlannedImage, outcome: TestOutcome): TestOutcome {
  const name = imageId(planned.image);
  workspace.reporter.info(`${name}: ${inWords(outcome)}`);
  const where = outcome.state === "remembered" ? `${name}, passed before` : name;
  handOn(outcome.results.map((result) => ({ ...result, name: `${result.name} [${where}]` })));
  return outcome;
}

/** How many tests of an outcome ended so. */
export function countOf(outcome: TestOutcome, state: ImageTestResult["state"]): number {
  return outcome.results.filter((result) => result.state === state).length;
}

function inWords(outcome: TestOutcome): string {
  const counts = `${countOf(outcome, "passed")} passed, ${outcome.failed} failed, ${countOf(outcome, "skipped")} skipped`;
  if (outcome.state === "remembered") return `passed these tests before (${counts}); --all runs them again`;
  return `${counts} in ${formatDuration(outcome.seconds)}`;
}
