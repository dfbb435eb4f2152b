import type { Reporter } from "@workstation/cli";
import { type DockerConnection, inspectImage, listImages, removeImage, tagImage } from "@workstation/docker";
import { contentTagStart, imageLabels, passedTestsTag } from "@workstation/site";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type BuildSettings, buildOne } from "./build-one.ts";
import { pulled } from "./pull-one.ts";
import { runGraph } from "./run-graph.ts";

/** Says whether an image may take its moving tags; throws when a test fails. */
export type ImageTester = (planned: PlannedImage, reporter: Reporter) => Promise<void>;

/** So many images are built side by side unless somebody says otherwise: more share one disk and one line. */
export const usualParallel = 2;

/** What is due, and how it is done. */
export interface FamilyWork {
  /** Parents first. */
  readonly plan: readonly PlannedImage[];
  readonly settings: BuildSettings;
  readonly parallel: number;
  /** Undefined: nothing is tested, and no tag moves. */
  readonly test: ImageTester | undefined;
}

/**
 * Carries out what of a plan is due: builds what must be built, parents first and side by side, has it tested, and only
 * then moves its tags. Stopped or failed at any moment, what was finished is kept and the same call carries on from there.
 */
export async function buildFamily(
  docker: DockerConnection,
  workspace: Workspace,
  work: FamilyWork,
): Promise<void> {
  const steps = work.plan.flatMap((planned) => {
    const name = imageId(planned.image);
    const parent = planned.image.parent === undefined ? "the base" : imageId(planned.image.parent);
    const step = { planned, work };
    return [
      { name: `build ${name}`, needs: [`build ${parent}`], run: () => buildStep(docker, workspace, step) },
      {
        name: `test ${name}`,
        needs: [`build ${name}`, `test ${parent}`],
        run: () => testStep(docker, workspace, step),
      },
    ];
  });
  await runGraph(steps, {
    parallel: work.parallel,
    needsOf: (step) => steps.filter((each) => step.needs.includes(each.name)),
    run: (step) => step.run(),
  });
}

interface Step {
  readonly planned: PlannedImage;
  readonly work: FamilyWork;
}

async function buildStep(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, work }: Step,
): Promise<void> {
  if (planned.state !== "to build" && planned.state !== "to pull" && !work.settings.noCache) return;
  workspace.signal.throwIfAborted();
  if (!work.settings.noCache && (await pulled(docker, workspace, planned))) return;
  const title = `Build ${imageId(planned.image)} as ${planned.content}`;
  await workspace.reporter.step(title, async (reporter) => {
    for (const reason of planned.reasons) reporter.info(reason);
    await buildOne(docker, planned, { ...work.settings, reporter });
  });
}

/** A child is tested after its parent: what fails below would fail here again. */
async function testStep(
  docker: DockerConnection,
  workspace: Workspace,
  { planned, work }: Step,
): Promise<void> {
  const { test } = work;
  if (test === undefined) return;
  workspace.signal.throwIfAborted();
  await testThenTag(docker, workspace, {
    planned,
    test: (reporter) => test(planned, reporter),
    passed: () => true,
  });
}

/** Tests a planned image, and gives it its tags when it passed. */
export async function testThenTag<Outcome>(
  docker: DockerConnection,
  workspace: Workspace,
  work: {
    readonly planned: PlannedImage;
    readonly test: (reporter: Reporter) => Promise<Outcome>;
    readonly passed: (outcome: Outcome) => boolean;
  },
): Promise<Outcome> {
  return workspace.reporter.step(`Test ${imageId(work.planned.image)}`, async (reporter) => {
    const outcome = await work.test(reporter);
    if (work.passed(outcome)) await moveTags(docker, work.planned);
    return outcome;
  });
}

/**
 * Gives an image that passed its tests the tag that says which they were, and its moving tags. The content that had them
 * before loses its name, so that its space can be freed; so do contents that never passed, after a day, in which another
 * build may still test them.
 */
async function moveTags(docker: DockerConnection, planned: PlannedImage): Promise<void> {
  const image = await inspectImage(docker, planned.content);
  if (image === undefined) throw new Error(`${planned.content} vanished before it could be tagged`);
  const dropped = await outdatedContents(docker, planned, Date.now());
  for (const reference of [planned.proof, ...planned.references.moving])
    await tagImage(docker, image.id, reference);
  for (const reference of dropped) await removeImage(docker, reference);
}

const day = 86_400_000;

async function outdatedContents(
  docker: DockerConnection,
  { image, references, content, proof }: PlannedImage,
  now: number,
): Promise<readonly string[]> {
  const images = await listImages(docker, `${imageLabels.name}=${image.name}`);
  return images
    .filter((each) => each.labels[imageLabels.variant] === image.variant)
    .filter(
      ({ tags, createdAt }) => references.moving.some((tag) => tags.includes(tag)) || createdAt < now - day,
    )
    .filter(({ tags }) => !tags.includes(content))
    .flatMap((each) => each.tags)
    .filter((tag) => tag !== proof) // the new content has it by now, when only its README differs
    .filter((tag) =>
      [contentTagStart, passedTestsTag].some((start) => tag.startsWith(`${references.repository}:${start}`)),
    );
}
