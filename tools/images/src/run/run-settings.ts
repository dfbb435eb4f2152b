import { UserError } from "@workstation/cli";
import { type ContainerSettings, containerSettings } from "@workstation/docker";
import { containerProfile, type Places, type Site, type SiteFlavor, slotSize } from "@workstation/site";

/** What the command line asks for. */
export interface RunRequest {
  readonly image: string;
  readonly command: readonly string[];
  /** Whose homes are mounted; undefined: nobody's, the container's own folders serve. */
  readonly user: string | undefined;
  readonly datasets: readonly string[];
  readonly flavor: string;
  readonly places: Places;
  readonly published: boolean;
  readonly machine: RunMachine;
}

/** What a container can be given here. */
export interface RunMachine {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Whether GPUs may be there: then the slots of GPU flavors share the memory too. */
  readonly gpus: boolean;
  /** What the engine can allow at most, where that is known. */
  readonly openFilesCeiling: number | undefined;
}

/** A container as the site would start it: its user, mounts and limits; a network only when a port is published. */
export function runSettings(site: Site, request: RunRequest): ContainerSettings {
  const flavor = flavorNamed(site, request.flavor);
  const profile = containerProfile(site, {
    kind: flavor.kind,
    size: sizeOn(site, flavor, request.machine),
    owner: request.user,
    datasets: request.datasets,
    openFilesCeiling: request.machine.openFilesCeiling,
  });
  return containerSettings(profile, {
    image: request.image,
    command: request.command,
    labels: {},
    places: request.places,
    connection: { network: request.published ? "bridge" : "none", hostEntries: [] },
  });
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
