import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import {
  type BuildEvent,
  BuildFailure,
  buildImage,
  type DockerConnection,
  inspectImage,
} from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { missingAlsoBelow } from "../assets/asset-store.ts";
import { imageArgument, imageId } from "../family/image.ts";
import { variants } from "../family/variants.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { BuildRecord } from "../plan/reasons.ts";
import { type BuildMachine, contextFiles, packContext } from "../recipe/pack-context.ts";

/** How images are built in one run of the command. */
export interface BuildSettings {
  readonly machine: BuildMachine;
  readonly signal: AbortSignal;
  readonly noCache: boolean;
  /** More labels, such as a test run's own. */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * Builds one planned image from its parent's content tag and gives it its own content tag; returns its id.
 * Throws `BUILD_FAILED`, which shows the failed step, the last it printed, and how to repeat it by hand.
 */
export async function buildOne(
  docker: DockerConnection,
  planned: PlannedImage,
  options: BuildSettings & { readonly reporter: Reporter; readonly tags?: readonly string[] },
): Promise<string> {
  try {
    const below = await inspectImage(docker, planned.parent);
    return await buildImage(docker, {
      context: packContext(contextFiles(planned.recipe, options.machine)),
      tags: options.tags ?? [planned.content],
      labels: { ...labelsOf(planned, below?.labels ?? {}), ...options.labels },
      buildArguments: { PARENT: planned.parent },
      noCache: options.noCache,
      signal: options.signal,
      onEvent: tellProgress(planned, options.reporter),
    });
  } catch (error) {
    if (error instanceof BuildFailure) throw buildFailed(planned, error);
    throw error;
  }
}

/** Set through the API: a new key alone repeats no step. */
function labelsOf(
  planned: PlannedImage,
  below: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const missing = missingAlsoBelow(below, planned.recipe.missingAssets);
  const record: BuildRecord = {
    inputs: planned.recipe.inputs,
    parentIdentity: planned.parentIdentity.identity,
    platform: planned.platform,
  };
  return {
    [imageLabels.key]: planned.key,
    [imageLabels.inputs]: JSON.stringify(record),
    [imageLabels.readme]: planned.recipe.readme,
    [imageLabels.needsGpu]: String(variants[planned.image.variant].needsGpu),
    ...(missing.length === 0 ? {} : { [imageLabels.missingAssets]: missing.join(" ") }),
  };
}

function tellProgress(planned: PlannedImage, reporter: Reporter): (event: BuildEvent) => void {
  const names = new Map<string, string>();
  const name = imageId(planned.image);
  return (event) => {
    if (event.type === "step") {
      names.set(event.step, event.name);
      if (event.state === "started") reporter.progress(`${name}: ${shorten(event.name)}`);
    }
    if (event.type !== "output") return;
    const last = event.text
      .trim()
      .split(/[\r\n]/)
      .at(-1);
    if (last) reporter.progress(`${name}: ${last}`);
  };
}

function buildFailed(planned: PlannedImage, failure: BuildFailure): UserError {
  const name = imageArgument(planned.image);
  const folder = `.local/contexts/${planned.image.name}`;
  const lines = [
    `building ${imageId(planned.image)} failed: ${failure.message}`,
    ...(failure.step === undefined ? [] : [`step: ${failure.step}`, "its last output:"]),
    ...failure.output.map((line) => `  ${line}`),
  ];
  return new UserError("BUILD_FAILED", lines.join("\n"), {
    hint:
      "by hand: " +
      `npm run images -- generate --context ${folder} ${name} && ` +
      `DOCKER_BUILDKIT=1 docker build --build-arg PARENT=${planned.parent} ${folder}`,
    exitCode: exitCodes.failure,
    cause: failure,
  });
}

function shorten(step: string): string {
  return step
    .replace(/--mount=\S+\s*/g, "")
    .replace(/\s+/g, " ")
    .slice(0, 100);
}
