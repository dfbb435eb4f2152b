import { exitCodes, formatBytes } from "@workstation/cli";
import { connectDocker, type DockerConnection } from "@workstation/docker";
import type { Command } from "commander";
import { findBase } from "../base/choose-base.ts";
import { buildFamily, usualParallel } from "../builder/build-family.ts";
import { readBuildMachine } from "../builder/build-machine.ts";
import { prepareBuild } from "../builder/prepare-build.ts";
import { imageId } from "../family/image.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { readPlan } from "../plan/read-plan.ts";
import { describeMove, type Move } from "../publishing/describe-move.ts";
import {
  choosePublishable,
  hostOf,
  type PublishRequest,
  publishFamily,
} from "../publishing/publish-family.ts";
import type { Publishable, Published } from "../publishing/publishable.ts";
import { requireTested } from "../test-runner/test-planned.ts";
import { setAsideUnbuildable } from "../test-runner/unbuildable.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText, Unfinished } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images to publish, such as ubuntu-python or ubuntu-python:cuda (default: all)")
    .option("--build", "build and test first what is due")
    .option("--dry-run", "say which tags would move, and what would be sent; publish nothing")
    .option(
      "--json",
      "images: name, variant, reference, digest, moved, sentBytes; with --dry-run tags, toSend; leftOut: name, variant, reasons",
    )
    .addHelpText("after", `\n${credentialsHelp}`);
  return run;
}

const credentialsHelp =
  "The registry is that of site.yaml. Its login is what `docker login` keeps, or lies in a file (user:password)\n" +
  "that WORKSTATION_REGISTRY_CREDENTIALS names. An interrupted publication carries on with the same command.";

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  hostOf(workspace);
  const docker = await connectDocker();
  if (options.build === true && options.dryRun !== true) await buildFirst(docker, workspace, options.names);
  const base = await findBase(docker, workspace);
  const wanted = chooseImages(await readFamily(workspace.root), options.names);
  const whole = await readPlan(docker, workspace, { names: options.names, base });
  const plan = setAsideUnbuildable(workspace, whole, options.names);
  const leftOut = whole.filter((planned) => !plan.includes(planned)).map(leftOutRow);
  const request: PublishRequest = {
    images: plan.filter(({ image }) => wanted.some((each) => imageId(each) === imageId(image))),
    distribution: base.distribution,
    base: base.reference,
    version: projectVersion(workspace.root),
    inputs: [...new Set(whole.flatMap(({ recipe }) => Object.keys(recipe.inputs)))],
  };
  const images = await choosePublishable(docker, workspace, request);
  if (options.dryRun === true) return showMoves(workspace, { images, leftOut }, options.json === true);
  const results: ReturnType<typeof resultOf>[] = [];
  const done = (image: Publishable, published: Published): void => {
    results.push(resultOf(image, published));
    if (options.json !== true) workspace.stdout.write(`${inWords(image, published)}\n`);
  };
  try {
    await publishFamily(docker, workspace, { request, images, done });
  } catch (error) {
    throw new Unfinished(error, { images: results, leftOut });
  }
  if (options.json === true) workspace.stdout.write(jsonText({ images: results, leftOut }));
  return endWith(workspace, leftOut);
}

type LeftOutRow = ReturnType<typeof leftOutRow>;

/** An image that cannot be built here, so that it is not published either. */
function leftOutRow({ image: { name, variant }, reasons }: PlannedImage) {
  return { name, variant, reasons };
}

/** Whoever asked for all did not get all. */
function endWith({ reporter }: Workspace, leftOut: readonly LeftOutRow[]): number | undefined {
  if (leftOut.length === 0) return undefined;
  const names = leftOut.map(({ name, variant }) => `${name}:${variant}`).join(", ");
  reporter.warn(
    `not published, because they cannot be built here: ${names}; name the others to publish them alone`,
  );
  return exitCodes.unavailable;
}

/** Builds (or pulls) and tests what of the named images is due, so that they can be published. */
async function buildFirst(
  docker: DockerConnection,
  workspace: Workspace,
  names: readonly string[],
): Promise<void> {
  const base = await prepareBuild(docker, workspace, names);
  const plan = setAsideUnbuildable(workspace, await readPlan(docker, workspace, { names, base }), names);
  await buildFamily(docker, workspace, {
    plan: plan.filter(({ state }) => state !== "up to date"),
    parallel: usualParallel,
    test: (planned, reporter) => requireTested(docker, { ...workspace, reporter }, { planned, all: false }),
    settings: { machine: readBuildMachine(process.env), signal: workspace.signal, noCache: false },
  });
}

async function showMoves(
  workspace: Workspace,
  { images, leftOut }: { readonly images: readonly Publishable[]; readonly leftOut: readonly LeftOutRow[] },
  json: boolean,
): Promise<undefined> {
  const moves: Move[] = [];
  for (const image of images) moves.push(await describeMove(workspace, image));
  const lines = moves.flatMap(({ reference, toSend, tags }) => [
    `${reference}: ${toSend}`,
    ...tags.map(({ tag, from, to }) => `    ${tag}: ${from === to ? "stays" : `${from ?? "new"} -> ${to}`}`),
  ]);
  workspace.stdout.write(json ? jsonText({ images: moves, leftOut }) : `${lines.join("\n")}\n`);
}

function resultOf({ planned, names }: Publishable, published: Published) {
  const { digest, moved, sentBytes } = published;
  const { name, variant } = planned.image;
  return { name, variant, reference: names.name, digest, moved, sentBytes };
}

function inWords({ names }: Publishable, { digest, moved, sentBytes }: Published): string {
  const tags = moved.length === 0 ? "no tag moved" : `moved ${moved.join(", ")}`;
  return `${names.name}@${digest}: ${tags}; ${formatBytes(sentBytes)} sent`;
}
