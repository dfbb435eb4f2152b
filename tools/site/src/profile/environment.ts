import type { Site } from "../schema.ts";
import { containerPaths } from "../volumes.ts";
import type { ContainerRequest } from "./request.ts";

/**
 * The environment of a container: its owner's own, then what the entrypoint and programs are promised. The owner's names
 * cannot replace ours; anything else, `LD_PRELOAD` too, concerns nobody but the owner's own processes.
 */
export function profileEnvironment(
  site: Pick<Site, "user" | "limits">,
  request: ContainerRequest,
): Readonly<Record<string, string>> {
  const { job, owner, datasets = [] } = request;
  return {
    HOME: containerPaths(site).home,
    ...withoutOurs(request.environment ?? {}),
    ...(job === undefined ? {} : { JOB_NAME: job.name, JOB_FLAVOR: job.flavor }),
    DATASETS_LIST: datasets.join(","),
    WORKSTATION_KIND: request.kind,
    WORKSTATION_USER: site.user.name,
    ...(owner === undefined || request.kind === "job" ? {} : { WORKSTATION_OWNER: owner }),
    WORKSTATION_CORES: String(Math.max(1, Math.floor(request.size.cores))),
    WORKSTATION_INIT_TIMEOUT: String(site.limits.initTimeout),
    WORKSTATION_INIT_POLICY: site.limits.initPolicy,
    ...(job?.exact ? { WORKSTATION_EXACT: "1" } : {}),
  };
}

function withoutOurs(given: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith("WORKSTATION_")));
}
