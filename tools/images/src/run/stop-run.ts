import { exitCodes } from "@workstation/cli";
import { connectDocker } from "@workstation/docker";
import type { Workspace } from "../workspace/workspace.ts";
import { findRun } from "./list-runs.ts";
import { removeRunContainer } from "./run-container.ts";

/** `images run --stop`: ends one container of `images run`, and removes it. Throws `RUN_UNKNOWN`. */
export async function stopRun({ reporter, site }: Workspace, name: string): Promise<number> {
  const docker = await connectDocker();
  const { id } = await findRun(docker, name);
  await removeRunContainer(docker, id, site.limits.stopGrace);
  reporter.info(`${name} is gone`);
  return exitCodes.ok;
}
