import { resolve } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { connectDocker, dockerAnswers } from "@workstation/docker";
import type { Distribution } from "@workstation/site";
import type { Command } from "commander";
import { assetsOf } from "../assets/asset-store.ts";
import { fetchAssets } from "../assets/fetch-assets.ts";
import { findBase } from "../base/choose-base.ts";
import { readBuildMachine } from "../builder/build-machine.ts";
import { type Drift, findDrift, generatedFiles, writeGenerated } from "../documents/generated-files.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { contextFiles } from "../recipe/pack-context.ts";
import { readRecipe } from "../recipe/read-recipe.ts";
import type { SiteFacts } from "../recipe/site-facts.ts";
import { writeContext } from "../recipe/write-context.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images whose files are written (default: all); with --context exactly one")
    .option("--check", "change nothing; exit code 1 when a generated file is not as it must be")
    .option("--dry-run", "say which files would change")
    .option("--context <folder>", "write what plain `docker build` needs for one image into a folder")
    .option("--json", "files that differ: path, state");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  if (typeof options.context === "string") {
    await generateContext(workspace, options.names, options.context);
    return undefined;
  }
  const { distribution } = workspace.site.base;
  const facts = factsFor(workspace, distribution);
  const family = await readFamily(workspace.root);
  const chosen = chooseImages(family, options.names);
  const recipes = family.map((image) => ({ image, recipe: readRecipe(workspace, image, facts) }));
  const files = generatedFiles(distribution, recipes);
  const asked = generatedFiles(
    distribution,
    recipes.filter(({ image }) => chosen.includes(image)),
  ).map((file) => file.path);
  const drift = findDrift(workspace.root, distribution, files).filter(
    ({ path }) => options.names.length === 0 || asked.includes(path),
  );
  report(workspace, drift, options.json === true);
  if (options.check === true) return drift.length === 0 ? exitCodes.ok : exitCodes.failure;
  if (options.dryRun !== true) writeGenerated(workspace.root, drift, files);
  return undefined;
}

/** The context is for this machine: its base, its authorities. */
async function generateContext(
  workspace: Workspace,
  names: readonly string[],
  folder: string,
): Promise<void> {
  const [image, ...others] = names.length === 0 ? [] : chooseImages(await readFamily(workspace.root), names);
  if (image === undefined || others.length > 0) {
    throw new UserError("IMAGE_NEEDED", "--context needs the name of one image", {
      hint: "npm run images -- generate --context my-folder ubuntu-python",
    });
  }
  await fetchAssets(assetsOf(image.layer), workspace);
  image.layer.prepare?.();
  const recipe = readRecipe(workspace, image, factsFor(workspace, await distributionHere(workspace)));
  writeContext(resolve(folder), contextFiles(recipe, readBuildMachine(process.env)));
  workspace.stdout.write(`${resolve(folder)}\n`);
}

async function distributionHere(workspace: Workspace): Promise<Distribution> {
  const answer = await dockerAnswers();
  if (!answer.ok) return workspace.site.base.distribution;
  return (await findBase(await connectDocker(), workspace)).distribution;
}

function factsFor(workspace: Workspace, distribution: Distribution): SiteFacts {
  return { site: workspace.site, distribution, version: projectVersion(workspace.root) };
}

function report(workspace: Workspace, drift: readonly Drift[], json: boolean): void {
  if (json) workspace.stdout.write(jsonText({ files: drift }));
  else for (const { path, state } of drift) workspace.stdout.write(`${state}: ${path}\n`);
}
