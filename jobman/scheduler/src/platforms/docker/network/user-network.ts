import { exitCodes, UserError } from "@workstation/cli";
import { createBridgeNetwork, listNetworks, type NetworkRow } from "@workstation/docker";
import { containerLabels, type Site } from "@workstation/site";
import { instanceLabel } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { bridgeName, ensureFirewall } from "./firewall.ts";
import { insistBridgeIsHere } from "./network-namespace.ts";
import { resolveServices } from "./services.ts";
import { subnetsOf } from "./subnets.ts";

/** Where a job's container is plugged in. */
export interface Connection {
  readonly network: string;
  /** Lines of /etc/hosts, `name:address`: there is no name service. */
  readonly hostEntries: readonly string[];
  readonly nameServers?: readonly string[];
}

const unplugged: Connection = { network: "none", hostEntries: [] };

/** Refuses a site with services where nobody could close the rest of the network. Throws `NETWORK_NEEDS_ROOT`. */
export function insistOnFirewall(site: Site, here: { readonly uid: number; readonly local: boolean }): void {
  if (site.network.services.length === 0 || (here.uid === 0 && here.local)) return;
  const why = here.local ? "the scheduler does not run as root" : "the engine is on another machine";
  throw new UserError("NETWORK_NEEDS_ROOT", `network.services cannot be offered to jobs: ${why}`, {
    hint: "run jobman-scheduler as root on the engine's machine, or leave network.services empty in site.yaml",
    exitCode: exitCodes.notAllowed,
  });
}

/**
 * The connection of a user's jobs: none, or where the site names services a small network of the user's own from which
 * only these are reached. Can be asked for again and again: what is missing is made.
 */
export async function connectionFor(context: EngineContext, owner: string): Promise<Connection> {
  const { services } = context.site.network;
  if (services.length === 0) return unplugged;
  const addresses = await resolveServices(context);
  return await context.inTurn(async () => {
    await ensureFirewall(context.instance, addresses);
    const network = await ensureNetwork(context, owner);
    await insistBridgeIsHere(bridgeName(context.instance, owner));
    return {
      network,
      hostEntries: addresses
        .filter((each) => each.host !== each.address)
        .map((each) => `${each.host}:${each.address}`),
      nameServers: [noNameServer],
    };
  });
}

/** Of a range for documentation (RFC 5737): without one of its own, Docker would ask the host's name server for a job. */
const noNameServer = "192.0.2.53";

async function ensureNetwork(context: EngineContext, owner: string): Promise<string> {
  const name = `${context.instance}-net-${owner}`;
  const networks = await listNetworks(context.docker);
  const [label, value] = instanceLabel(context.instance).split("=");
  const there = networks.find((each) => each.name === name);
  if (there !== undefined) return insistItIsOurs(there, label ?? "", value ?? "");
  const taken = new Set(networks.flatMap((each) => each.subnets));
  for (const subnet of subnetsOf(context.site.network.pool, prefixLength)) {
    if (taken.has(subnet)) continue;
    const made = await createBridgeNetwork(context.docker, name, {
      subnet,
      bridge: bridgeName(context.instance, owner),
      labels: {
        [containerLabels.instance]: context.instance,
        [containerLabels.kind]: "network",
        [containerLabels.owner]: owner,
      },
    });
    if (made) return name;
  }
  throw new UserError(
    "NETWORK_POOL_FULL",
    `network.pool ${context.site.network.pool} has no free network left`,
    {
      hint: "name a larger pool in site.yaml, or remove networks that are not used (docker network prune)",
      exitCode: exitCodes.tryLater,
    },
  );
}

/** Six addresses: the bridge and five jobs of one user. */
const prefixLength = 29;

function insistItIsOurs(network: NetworkRow, label: string, value: string): string {
  if (network.labels[label] === value) return network.name;
  throw new UserError(
    "NAME_IN_USE",
    `a network named ${network.name} is there already, and it is not this scheduler's`,
    {
      hint: `look at it with: docker network inspect ${network.name}`,
    },
  );
}
