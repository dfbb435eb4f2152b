import { randomBytes, randomInt } from "node:crypto";
import { execa } from "execa";
import { afterThisProcess } from "../processes/after-this-process.ts";

/** A network of this machine for one cluster: a bridge with the API server's address, the node behind it. */
export interface ClusterNetwork {
  /** The bridge. */
  readonly name: string;
  /** The end of the node's cable, while it runs. */
  readonly plug: string;
  /** This machine's address on it. */
  readonly address: string;
  readonly nodeAddress: string;
  /** How long the part of an address is that machine and node share. */
  readonly prefixLength: number;
  readonly podRange: string;
  readonly podGateway: string;
  readonly serviceRange: string;
  remove(): Promise<void>;
}

/**
 * Makes one of 256 addresses that no route of this machine knows; pods and services are reached from the machine by routes over
 * the node. Nothing leads out of it. It is removed with this process, however that ends. Needs root.
 */
export async function makeClusterNetwork(): Promise<ClusterNetwork> {
  const name = `wsk${randomBytes(4).toString("hex")}`;
  const start = await unusedStart();
  const network = { ...rangesOf(start), name, plug: `${name}n` };
  const links = [network.plug, network.name];
  const cancel = afterThisProcess(`for link; do ip link delete "$link"; done`, links);
  const remove = async (): Promise<void> => {
    for (const link of links) await deleteLink(link);
    cancel();
  };
  try {
    await execa("ip", ["link", "add", name, "type", "bridge"]);
    await execa("ip", ["address", "add", `${network.address}/${network.prefixLength}`, "dev", name]);
    await execa("ip", ["link", "set", name, "up"]);
    for (const range of [network.podRange, network.serviceRange]) {
      await execa("ip", ["route", "add", range, "via", network.nodeAddress, "dev", name]);
    }
    return { ...network, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Removes a link that may be there. One into a network namespace is not always gone with the last process in that: connections
 * that nobody ends keep the namespace for minutes.
 */
export async function deleteLink(name: string): Promise<void> {
  await execa("ip", ["link", "delete", name], { reject: false });
}

/** Beside the range from which site.yaml's networks of users are cut. */
async function unusedStart(): Promise<string> {
  const { stdout: routes } = await execa("ip", ["-4", "route", "show", "table", "all"]);
  for (;;) {
    const start = `10.214.${randomInt(256)}`;
    if (!routes.includes(`${start}.`)) return start;
  }
}

/** How the 256 addresses are shared out. */
export function rangesOf(start: string) {
  return {
    address: `${start}.1`,
    nodeAddress: `${start}.2`,
    prefixLength: 26,
    podRange: `${start}.64/26`,
    podGateway: `${start}.65`,
    serviceRange: `${start}.128/25`,
  };
}
