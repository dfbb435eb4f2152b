import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DockerConnection, listImages } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { type Base, findBase } from "../base/choose-base.ts";
import type { ImageVariant } from "../family/image.ts";
import { withAncestors } from "../family/lineage.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { type LockJob, lockJobs } from "../locks/lock-jobs.ts";
import { lockPaths } from "../locks/lock-paths.ts";
import { requireCurrentLocks } from "../locks/locked-inputs.ts";
import { readRecipe } from "../recipe/read-recipe.ts";
import type { SiteFacts } from "../recipe/site-facts.ts";
import { readPassedTests } from "../tested/passed-tests.ts";
import { testSets } from "../tested/test-set.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { findObstacles } from "./obstacles.ts";
import { type PlannedImage, planImages } from "./plan.ts";
import { platform, requirePlatform } from "./require-platform.ts";

/**
 * Reads the family, its files and the images of this machine, and plans: the named images and what they stand on. Where
 * the site has a registry, it is asked for what would have to be built. Throws `ENGINE_PLATFORM`.
 */
export async function readPlan(
  docker: DockerConnection,
  workspace: Workspace,
  options: { readonly names: readonly string[]; readonly base?: Base },
): Promise<readonly PlannedImage[]> {
  await requirePlatform(docker);
  const base = options.base ?? (await findBase(docker, workspace));
  const family = await readFamily(workspace.root);
  const facts: SiteFacts = {
    site: workspace.site,
    distribution: base.distribution,
    version: projectVersion(workspace.root),
  };
  const images = withAncestors(chooseImages(family, options.names));
  requireCurrentLocks(workspace.root, locksOf(workspace.root, { images, family, facts }));
  const testSetOf = testSets(workspace);
  const plan = planImages({
    images,
    recipeOf: (image) => readRecipe(workspace, image, facts),
    testsOf: (image) => testSetOf(image),
    passedFiles: (imageId, tag) => readPassedTests(workspace.cache, { imageId, tag })?.files,
    base: {
      reference: base.reference,
      parentIdentity: { name: `base image ${base.reference}`, identity: base.identity ?? base.reference },
    },
    platform,
    prefix: workspace.site.registry.prefix,
    version: facts.version,
    present: await listImages(docker, imageLabels.name),
  });
  const offered = await offeredPulls(plan, workspace, base);
  return findObstacles(offered, workspace.signal);
}

async function offeredPulls(
  plan: readonly PlannedImage[],
  workspace: Workspace,
  base: Base,
): Promise<readonly PlannedImage[]> {
  if (workspace.site.registry.host === null) return plan;
  const { offerPulls } = await import("./ask-registry.ts");
  return offerPulls(plan, workspace, base.distribution);
}

/** The locks that these images need here. */
function locksOf(
  root: string,
  given: {
    readonly images: readonly ImageVariant[];
    readonly family: readonly ImageVariant[];
    readonly facts: SiteFacts;
  },
): readonly LockJob[] {
  const needed = given.images.flatMap((image) => Object.values(lockPaths(image, given.facts)));
  const jobs = lockJobs(given.family, (path) => existsSync(join(root, path)));
  return jobs.filter((job) => needed.includes(job.lock));
}
