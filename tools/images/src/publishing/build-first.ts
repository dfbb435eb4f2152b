import type { DockerConnection } from "@workstation/docker";
import { assetsOf } from "../assets/asset-store.ts";
import { fetchAssets } from "../assets/fetch-assets.ts";
import { ensureBase } from "../base/choose-base.ts";
import { buildFamily } from "../builder/build-family.ts";
import { readBuildMachine } from "../builder/build-machine.ts";
import { chooseImages, readFamily, withAncestors } from "../family/read-family.ts";
import { requireTested } from "../image-tests/test-planned.ts";
import { setAsideUnbuildable } from "../image-tests/unbuildable.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Builds (or pulls) and tests what of the named images is due, so that they can be published. */
export async function buildFirst(
  docker: DockerConnection,
  workspace: Workspace,
  names: readonly string[],
): Promise<void> {
  const base = await ensureBase(docker, workspace);
  const images = withAncestors(chooseImages(await readFamily(workspace.root), names));
  const assets = images.flatMap((image) => assetsOf(image.layer));
  await fetchAssets(assets, workspace);
  const plan = setAsideUnbuildable(workspace, await readPlan(docker, workspace, { names, base }), names);
  await buildFamily(docker, workspace, {
    plan: plan.filter(({ state }) => state !== "up to date"),
    parallel: 2,
    test: (planned, reporter) => requireTested(docker, { ...workspace, reporter }, { planned, all: false }),
    settings: { machine: readBuildMachine(process.env), signal: workspace.signal, noCache: false },
  });
}
