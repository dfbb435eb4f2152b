import { UserError } from "@workstation/cli";
import type { ContainerSettings } from "@workstation/docker";
import {
  containerPaths,
  mountsOf,
  type Site,
  type SiteFlavor,
  slotSize,
  volumesFor,
} from "@workstation/site";

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
  readonly machine: RunMachine;
  /** What this machine can allow at most. */
  readonly openFilesCeiling: number;
}

/** What a container can be given here. */
export interface RunMachine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Whether GPUs may be there: then the slots of GPU flavors share the memory too. */
  readonly gpus: boolean;
}

/** A container as the site would start it: its user, mounts and limits; a network only when a port is published. */
export function runSettings(site: Site, request: RunRequest): ContainerSettings {
  const flavor = flavorNamed(site, request.flavor);
  const size = sizeOn(site, flavor, request.machine);
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
      WORKSTATION_CORES: String(Math.max(1, Math.floor(size.cores))),
      WORKSTATION_INIT_TIMEOUT: String(site.limits.initTimeout),
      WORKSTATION_INIT_POLICY: site.limits.initPolicy,
    },
    labels: {},
    uid: site.user.uid,
    gid: site.user.gid,
    hostname: flavor.kind,
    workingFolder: paths.home,
    limits: {
      cores: size.burstCores,
      memoryBytes: size.memoryBytes,
      sharedMemoryBytes: Math.floor(size.memoryBytes / 2),
      pids: site.limits.pids,
      openFiles: Math.min(site.limits.openFiles, request.openFilesCeiling),
      logBytes: site.limits.logSize,
    },
    binds: user === undefined ? [] : mountsOf(volumesFor(site, { user, datasets }), request.state),
    scratch: [paths.home, "/tmp", "/var/tmp"],
    memoryFolders: [{ target: "/run/workstation", options: "mode=1777,size=16m" }],
    network: request.published ? "bridge" : "none",
    hostEntries: [],
    gpus: [],
  };
}

/** What the queue would give a job of the flavor; a desktop shares with no slot. */
export function sizeOn(site: Pick<Site, "flavors">, flavor: SiteFlavor, machine: RunMachine) {
  const used = site.flavors.filter((each) => each.kind === "job" && (each.gpu === undefined || machine.gpus));
  const slots = flavor.kind === "job" ? used.reduce((sum, each) => sum + each.slots, 0) : 1;
  const size = slotSize(flavor, machine, slots);
  return { ...size, burstCores: Math.min(flavor.burstCores ?? size.cores, machine.cores) };
}

/** Throws `FLAVOR_UNKNOWN`, naming those that there are. */
export function flavorNamed(site: Pick<Site, "flavors">, name: string): SiteFlavor {
  const flavor = site.flavors.find((each) => each.name === name);
  if (flavor !== undefined) return flavor;
  throw new UserError("FLAVOR_UNKNOWN", `there is no flavor "${name}"`, {
    hint: `flavors: ${site.flavors.map((each) => each.name).join(", ")}`,
  });
}
