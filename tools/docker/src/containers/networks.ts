import type { DockerConnection } from "../connect.ts";
import { askSoon, askUnlessMissing, daemonWords, statusOf } from "./docker-fault.ts";

/** Makes a network whose containers reach each other and nothing else; returns its id. */
export async function createIsolatedNetwork(
  docker: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const network = await askSoon(docker, (soon) =>
    soon.createNetwork({ Name: name, Internal: true, CheckDuplicate: true, Labels: { ...labels } }),
  );
  return network.id;
}

/** Removes a network; one that is gone is no fault. */
export async function removeNetwork(docker: DockerConnection, id: string): Promise<void> {
  await askUnlessMissing(() => askSoon(docker, (soon) => soon.getNetwork(id).remove()));
}

/** Removes a network that no running container uses; leaves another alone. */
export async function removeUnusedNetwork(docker: DockerConnection, id: string): Promise<void> {
  try {
    await removeNetwork(docker, id);
  } catch (error) {
    if (statusOf(error) !== 403 && statusOf(error) !== 409) throw error;
  }
}

/** A network as a list shows it. */
export interface NetworkRow {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnets: readonly string[];
}

/** Every network of the engine. */
export async function listNetworks(docker: DockerConnection): Promise<readonly NetworkRow[]> {
  const found = await askSoon(docker, (soon) => soon.listNetworks());
  return found.map((each) => ({
    id: each.Id,
    name: each.Name,
    labels: each.Labels ?? {},
    subnets: (each.IPAM?.Config ?? []).flatMap((config) => config.Subnet ?? []),
  }));
}

/**
 * Makes a network on a bridge of that name, whose containers do not reach each other; false when the subnet overlaps
 * with one that is in use.
 */
export async function createBridgeNetwork(
  docker: DockerConnection,
  name: string,
  options: {
    readonly subnet: string;
    readonly bridge: string;
    readonly labels: Readonly<Record<string, string>>;
  },
): Promise<boolean> {
  try {
    await askSoon(docker, (soon) =>
      soon.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: "bridge",
        IPAM: { Driver: "default", Config: [{ Subnet: options.subnet }] },
        Options: {
          "com.docker.network.bridge.name": options.bridge,
          "com.docker.network.bridge.enable_icc": "false",
        },
        Labels: { ...options.labels },
      }),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === 403 && /overlaps/i.test(daemonWords(error))) return false;
    throw error;
  }
}
