import { availableParallelism } from "node:os";
import { UserError } from "@workstation/cli";
import type { ContainerSettings } from "@workstation/docker";
import { containerPaths, mountsFor, type Site, type SiteFlavor } from "@workstation/site";

/** What the command line asks for. */
export interface RunRequest {
  readonly image: string;
  readonly command: readonly string[];
  /** Whose homes are mounted; undefined: nobody's, the container's own folders serve. */
  readonly user: string | undefined;
  readonly datasets: readonly string[];
  readonly flavor: string;
  readonly state: string;
  readonly published: boolean;
  /** What this machine can allow at most. */
  readonly openFilesCeiling: number;
}

/** A container as the site would start it: its user, mounts and limits; a network only when a port is published. */
export function runSettings(site: Site, request: RunRequest): ContainerSettings {
  const flavor = flavorNamed(site, request.flavor);
  const paths = containerPaths(site);
  const { user, datasets } = request;
  return {
    image: request.image,
    command: request.command,
    environment: {
      HOME: paths.home,
      DATASETS_LIST: datasets.join(","),
      WORKSTATION_KIND: flavor.kind,
      WORKSTATION_USER: site.user.name,
      WORKSTATION_CORES: String(Math.max(1, Math.floor(flavor.cores))),
      WORKSTATION_INIT_TIMEOUT: String(site.limits.initTimeout),
      WORKSTATION_INIT_POLICY: site.limits.initPolicy,
    },
    labels: {},
    uid: site.user.uid,
    gid: site.user.gid,
    hostname: flavor.kind,
    workingFolder: paths.home,
    limits: limitsOf(site, flavor, request.openFilesCeiling),
    binds: user === undefined ? [] : mountsFor(site, request.state, { user, datasets }),
    scratch: [paths.home, "/tmp", "/var/tmp"],
    memoryFolders: [{ target: "/run/workstation", options: "mode=1777,size=16m" }],
    network: request.published ? "bridge" : "none",
    hostEntries: [],
    gpus: [],
  };
}

function limitsOf(site: Site, flavor: SiteFlavor, openFilesCeiling: number): ContainerSettings["limits"] {
  return {
    cores: Math.min(flavor.burstCores ?? flavor.cores, availableParallelism()),
    memoryBytes: flavor.memory,
    sharedMemoryBytes: Math.floor(flavor.memory / 2),
    pids: site.limits.pids,
    openFiles: Math.min(site.limits.openFiles, openFilesCeiling),
    logBytes: site.limits.logSize,
  };
}

function flavorNamed(site: Site, name: string): SiteFlavor {
  const flavor = site.flavors.find((each) => each.name === name);
  if (flavor !== undefined) return flavor;
  throw new UserError("FLAVOR_UNKNOWN", `there is no flavor "${name}"`, {
    hint: `flavors: ${site.flavors.map((each) => each.name).join(", ")}`,
  });
}
