import { type ContainerSettings, containerSettings, type PublishedPort } from "@workstation/docker";
import { containerLabels, containerProfile, type Places, type Site } from "@workstation/site";
import { flavorNamed, sizeOn } from "./flavor-size.ts";
import type { KnownUser } from "./known-state.ts";
import { beyondLoopback } from "./published-ports.ts";
import type { RunMachine } from "./run-machine.ts";

/** What the command line asks for, with what this machine has of it. */
export interface RunRequest {
  readonly image: string;
  /** Empty: the image's own. */
  readonly command: readonly string[];
  /** Whose homes are mounted; undefined: nobody's, the container's own folders serve. */
  readonly user: KnownUser | undefined;
  readonly datasets: readonly string[];
  readonly flavor: string;
  /** `desktop` or `job`, for the start-up scripts. */
  readonly kind: "desktop" | "job";
  /** An image of somebody else has no home that any uid can write: it gets one in memory. */
  readonly home: "image" | "memory";
  readonly places: Places;
  /** Whether there is the folder of the user's socket. */
  readonly socketFolder: boolean;
  readonly ports: readonly PublishedPort[];
  /** Names of the passwords that are given. */
  readonly secrets: readonly string[];
  readonly machine: RunMachine;
}

/** Where containers are called, by whom, and call nobody. */
export const inboundNetworks = {
  "this machine": "workstation-run-here",
  anywhere: "workstation-run",
} as const;
/** The kind that the containers of `images run` are labelled with. */
export const runKind = "run";

/** A container as the site would start it; it has a network only when a port is published, and even then no way out. */
export function runSettings(site: Site, request: RunRequest): ContainerSettings {
  const profile = containerProfile(site, {
    kind: request.kind,
    size: sizeOn(site, flavorNamed(site, request.flavor), request.machine),
    ...(request.user === undefined ? {} : { ids: request.user.ids, owner: request.user.name }),
    datasets: request.datasets,
    home: request.home,
    ports: request.ports.map((port) => port.containerPort),
    secrets: request.secrets,
    openFilesCeiling: request.machine.openFilesCeiling,
  });
  const volumes = profile.volumes.filter(
    ({ content }) => request.socketFolder || content.kind !== "jobman-socket",
  );
  const settings = containerSettings(
    { ...profile, volumes },
    {
      image: request.image,
      ...(request.command.length === 0 ? {} : { command: request.command }),
      labels: labelsOf(request),
      places: request.places,
      connection: connectionOf(request),
    },
  );
  return request.ports.length === 0 ? settings : { ...settings, ports: request.ports };
}

function labelsOf({ user }: RunRequest): Readonly<Record<string, string>> {
  return {
    [containerLabels.kind]: runKind,
    ...(user === undefined ? {} : { [containerLabels.owner]: user.name }),
  };
}

function connectionOf({
  ports,
}: RunRequest): Pick<ContainerSettings, "network" | "hostEntries" | "nameServers"> {
  if (ports.length === 0) return { network: "none", hostEntries: [] };
  const from = beyondLoopback(ports).length === 0 ? "this machine" : "anywhere";
  return { network: inboundNetworks[from], hostEntries: [], nameServers: [noNameServer] };
}

/** Of a range for documentation (RFC 5737): without one of its own, Docker would ask the machine's for the container. */
const noNameServer = "192.0.2.53";
