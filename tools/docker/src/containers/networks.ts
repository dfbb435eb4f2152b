import type { DockerConnection } from "../connect.ts";
import { ask, askUnlessMissing, daemonWords, statusOf } from "./docker-fault.ts";

/** Makes a network whose containers reach each other and nothing else; returns its id. */
export async function createIsolatedNetwork(
  docker: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const network = await ask(() =>
    docker.createNetwork({ Name: name, Internal: true, CheckDuplicate: true, Labels: { ...labels } }),
  );
  return network.id;
}

/**
 * Makes a network whose containers can be called through published ports, and call nobody: not each other, nor anything
 * beyond this machine. `from` says who may call: for this machine alone there is not even a way out, the gateway being
 * an address that nobody has; answers to others need one, and only their addresses stay untranslated. Does nothing when
 * it is there.
 */
export async function ensureInboundNetwork(
  docker: DockerConnection,
  name: string,
  options: { readonly from: "this machine" | "anywhere"; readonly labels: Readonly<Record<string, string>> },
): Promise<void> {
  if ((await listNetworks(docker)).some((each) => each.name === name)) return;
  const create = (ipam?: object) =>
    ask(() =>
      docker.createNetwork({
        Name: name,
        CheckDuplicate: true,
        Driver: "bridge",
        ...(ipam === undefined ? {} : { IPAM: ipam }),
        Options: {
          "com.docker.network.bridge.enable_icc": "false",
          "com.docker.network.bridge.enable_ip_masquerade": "false",
        },
        Labels: { ...options.labels },
      }),
    );
  const network = await create();
  if (options.from === "anywhere") return;
  // The engine takes a gateway only beside a subnet; the one that it has just chosen is free.
  const { IPAM } = (await ask(() => network.inspect())) as {
    readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] };
  };
  const subnet = IPAM.Config[0]?.Subnet ?? "";
  await removeNetwork(docker, network.id);
  await create({
    Driver: "default",
    Config: [{ Subnet: subnet, AuxiliaryAddresses: { DefaultGatewayIPv4: lastAddress(subnet) } }],
  });
}

/** The last address of a subnet that a machine could have: of 192.168.192.0/20 it is 192.168.207.254. */
function lastAddress(subnet: string): string {
  const [base = "", bits = ""] = subnet.split("/");
  const first = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = first + 2 ** (32 - Number(bits)) - 2;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join(".");
}

/** Removes a network; one that is gone is no fault. */
export async function removeNetwork(docker: DockerConnection, id: string): Promise<void> {
  await askUnlessMissing(() => docker.getNetwork(id).remove());
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
  const found = await ask(() => docker.listNetworks());
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
    await ask(() =>
      docker.createNetwork({
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
