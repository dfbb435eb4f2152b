import type { DockerConnection } from "@workstation/docker";
import { buildFamily } from "../builder/build-family.ts";
import { readBuildMachine } from "../builder/build-machine.ts";
import { prepareBuild } from "../builder/prepare-build.ts";
import { readPlan } from "../plan/read-plan.ts";
import { requireTested } from "../test-runner/test-planned.ts";
import { setAsideUnbuildable } from "../test-runner/unbuildable.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** Builds (or pulls) and tests what of the named images is due, so that they can be published. */
export async function buildFirst(
  docker: DockerConnection,
  workspace: Workspace,
  names: readonly string[],
): Promise<void> {
  const base = await prepareBuild(docker, workspace, names);
  const plan = setAsideUnbuildable(workspace, await readPlan(docker, workspace, { names, base }), names);
  await buildFamily(docker, workspace, {
    plan: plan.filter(({ state }) => state !== "up to date"),
    parallel: 2,
    test: (planned, reporter) => requireTested(docker, { ...workspace, reporter }, { planned, all: false }),
    settings: { machine: readBuildMachine(process.env), signal: workspace.signal, noCache: false },
  });
}
