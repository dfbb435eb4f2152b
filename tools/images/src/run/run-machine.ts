import { availableParallelism, totalmem } from "node:os";
import { formatBytes } from "@workstation/cli";
import { connectDocker, daemonInfo, dockerAnswers, localOpenFilesCeiling } from "@workstation/docker";
import type { Site } from "@workstation/site";
import { flavorNamed, type RunMachine, sizeOn } from "./run-settings.ts";

/** The machine of the Docker engine; this one where no engine answers, so that `--dry-run` can be had without. */
export async function readRunMachine(): Promise<RunMachine> {
  if (!(await dockerAnswers()).ok) {
    return {
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      gpus: false,
      openFilesCeiling: undefined,
    };
  }
  const docker = await connectDocker();
  const { cores, memoryBytes, runtimes } = await daemonInfo(docker);
  const openFilesCeiling = await localOpenFilesCeiling(docker);
  return { cores, memoryBytes, gpus: runtimes.includes("nvidia"), openFilesCeiling };
}

/** What a flavor promises and this machine cannot give, as a sentence; undefined when it can. */
export function clampSentence(
  site: Pick<Site, "flavors">,
  name: string,
  machine: RunMachine,
): string | undefined {
  const flavor = flavorNamed(site, name);
  const size = sizeOn(site, flavor, machine);
  const less = [
    ...(size.cores < flavor.cores ? [`${size.cores} cores instead of ${flavor.cores}`] : []),
    ...(size.memoryBytes < flavor.memory
      ? [`${formatBytes(size.memoryBytes)} memory instead of ${formatBytes(flavor.memory)}`]
      : []),
  ];
  return less.length === 0 ? undefined : `${name} has ${less.join(" and ")} on this machine`;
}
