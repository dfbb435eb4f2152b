import type { DockerConnection } from "../connect.ts";
import { askSoon } from "./docker-fault.ts";

/** A TCP port of a container that is reached through an address of the engine's machine. */
export interface PublishedPort {
  readonly address: string;
  /** 0: a free one, which the engine chooses at the start. */
  readonly hostPort: number;
  readonly containerPort: number;
}

/** Where the ports of a running container are, by the port inside. */
export async function publishedPorts(
  docker: DockerConnection,
  id: string,
): Promise<readonly PublishedPort[]> {
  const { NetworkSettings } = await askSoon(docker, (soon) => soon.getContainer(id).inspect());
  const ports: Readonly<Record<string, readonly { HostIp: string; HostPort: string }[] | null>> =
    NetworkSettings.Ports ?? {};
  return Object.entries(ports).flatMap(([inside, bindings]) =>
    (bindings ?? []).map((each) => ({
      address: each.HostIp,
      hostPort: Number(each.HostPort),
      containerPort: Number.parseInt(inside, 10),
    })),
  );
}

/** A running container's address on that network, for this machine; undefined when it has none. */
export async function containerAddress(
  docker: DockerConnection,
  id: string,
  network: string,
): Promise<string | undefined> {
  const { NetworkSettings } = await askSoon(docker, (soon) => soon.getContainer(id).inspect());
  const address = NetworkSettings.Networks[network]?.IPAddress;
  return address === "" ? undefined : address;
}

/** The Engine API's two texts of it. */
export function portOptions(ports: readonly PublishedPort[]) {
  const inside = ({ containerPort }: PublishedPort): string => `${containerPort}/tcp`;
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const address = port.address.replace(/^\[(.*)\]$/, "$1");
    bindings[inside(port)] ??= [];
    bindings[inside(port)]?.push({
      HostIp: address === "localhost" ? "127.0.0.1" : address,
      HostPort: port.hostPort === 0 ? "" : String(port.hostPort),
    });
  }
  return { exposed: Object.fromEntries(ports.map((port) => [inside(port), {}])), bindings };
}
