import { exitCodes, UserError } from "@workstation/cli";
import { connectDocker, type DockerConnection } from "@workstation/docker";
import type { Command } from "commander";
import { imageId } from "../family/image.ts";
import { chooseImages } from "../family/read-family.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { planData } from "../plan/plan-data.ts";
import { readPlan } from "../plan/read-plan.ts";
import { type Comparison, checkReproducible, describeDifferences } from "../test-runner/reproducible.ts";
import type { TestOutcome } from "../test-runner/test-image.ts";
import { countOf, testAndTag, testLayers } from "../test-runner/test-planned.ts";
import { setAsideUnbuildable } from "../test-runner/unbuildable.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images to test, such as ubuntu-python (default: all)")
    .option("--all", "run the tests again that this content has passed before")
    .option("--layer <names>", "run the tests of these layers alone, as in `--layer hello`; no tag moves")
    .option("--reproducible", "build twice without caches, and name the files that differ")
    .option("--dry-run", "say what would be tested")
    .option(
      "--json",
      "images: name, variant, reference, state, passed, failed, skipped, seconds; with --reproducible their differences; with --dry-run as `images plan`",
    );
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number> {
  const docker = await connectDocker();
  const plan = await readPlan(docker, workspace, { names: options.names });
  const named = chooseImages(
    plan.map((each) => each.image),
    options.names,
  );
  const chosen = setAsideUnbuildable(
    workspace,
    plan.filter((each) => named.includes(each.image)),
    options.names,
  );
  if (options.dryRun === true) {
    const lines = chosen.map(({ content }) => `${content}\n`);
    workspace.stdout.write(
      options.json === true ? jsonText({ images: chosen.map(planData) }) : lines.join(""),
    );
    return exitCodes.ok;
  }
  const reproducible = options.reproducible === true;
  requireBuilt(reproducible ? plan.filter((each) => isParent(each, chosen)) : chosen);
  if (reproducible) return checkAllReproducible(docker, workspace, { chosen, json: options.json === true });
  const layers = typeof options.layer === "string" ? options.layer.split(",") : undefined;
  if (layers !== undefined) requireLayers(chosen, layers);
  return testAll(options, workspace, {
    chosen,
    test: (planned) =>
      layers === undefined
        ? testAndTag(docker, workspace, { planned, all: options.all === true })
        : testLayers(workspace, { planned, layers }),
  });
}

function isParent(planned: PlannedImage, chosen: readonly PlannedImage[]): boolean {
  return chosen.some(({ image }) => image.parent === planned.image);
}

/** Each image must have each of the layers: else nothing of it would be tested, and pass. */
function requireLayers(chosen: readonly PlannedImage[], layers: readonly string[]): void {
  for (const { image } of chosen) {
    const known = image.layers.map((layer) => layer.name);
    const unknown = layers.find((layer) => !known.includes(layer));
    if (unknown === undefined) continue;
    throw new UserError("LAYER_UNKNOWN", `${imageId(image)} has no layer "${unknown}"`, {
      hint: `its layers: ${known.join(", ")}`,
    });
  }
}

async function testAll(
  options: GivenOptions,
  workspace: Workspace,
  work: {
    readonly chosen: readonly PlannedImage[];
    readonly test: (planned: PlannedImage) => Promise<TestOutcome>;
  },
): Promise<number> {
  const outcomes: { readonly planned: PlannedImage; readonly outcome: TestOutcome }[] = [];
  for (const planned of work.chosen) outcomes.push({ planned, outcome: await work.test(planned) });
  if (options.json === true) workspace.stdout.write(jsonText({ images: outcomes.map(asData) }));
  return outcomes.some(({ outcome }) => outcome.state === "failed") ? exitCodes.failure : exitCodes.ok;
}

/** What is published under its key is not here either, until a build pulls it. */
function requireBuilt(chosen: readonly PlannedImage[]): void {
  const missing = chosen.find(({ state }) => state === "to build" || state === "to pull");
  if (missing === undefined) return;
  throw new UserError("IMAGE_NOT_BUILT", `${imageId(missing.image)} is not built as its files are now`, {
    hint: `npm run images -- build ${missing.image.name}`,
  });
}

async function checkAllReproducible(
  docker: DockerConnection,
  workspace: Workspace,
  work: { readonly chosen: readonly PlannedImage[]; readonly json: boolean },
): Promise<number> {
  const compared: (Comparison & { readonly name: string; readonly variant: string })[] = [];
  for (const planned of work.chosen) {
    await workspace.reporter.step(
      `Build ${imageId(planned.image)} twice without caches`,
      async (reporter) => {
        const comparison = await checkReproducible(docker, planned, { signal: workspace.signal, reporter });
        const { layers, differences } = comparison;
        for (const line of describeDifferences(differences)) reporter.info(line);
        if (differences.length === 0) reporter.info(`${layers} layers are the same in both`);
        const { name, variant } = planned.image;
        compared.push({ name, variant, ...comparison });
      },
    );
  }
  if (work.json) workspace.stdout.write(jsonText({ images: compared }));
  return compared.every(({ differences }) => differences.length === 0) ? exitCodes.ok : exitCodes.failure;
}

function asData({ planned, outcome }: { readonly planned: PlannedImage; readonly outcome: TestOutcome }) {
  const { image, content } = planned;
  const { state, failed, seconds, results } = outcome;
  const skipped = results
    .filter((result) => result.state === "skipped")
    .map(({ name, reason }) => ({ name, reason }));
  const counts = { state, passed: countOf(outcome, "passed"), failed, skipped, seconds };
  return { name: image.name, variant: image.variant, reference: content, ...counts };
}
