import { UserError } from "@workstation/cli";
import type { PublishedPort } from "@workstation/docker";

const loopback = "127.0.0.1";

/**
 * Ports as docker takes them (`8888`, `8888:80`, `127.0.0.1:8888:80`), on loopback where no address is named; host port 0
 * is a free one. Throws `PORT_INVALID`.
 */
export function parsePorts(texts: readonly string[]): readonly PublishedPort[] {
  return texts.map((text) => {
    const [, address, host, inside] = /^(?:(?:(\[[^\]]+\]|[^:]*):)?(\d*):)?(\d+)$/.exec(text) ?? [];
    const port = { address: address || loopback, hostPort: Number(host || 0), containerPort: Number(inside) };
    if (inside !== undefined && isPort(port.containerPort) && (port.hostPort === 0 || isPort(port.hostPort)))
      return port;
    throw new UserError("PORT_INVALID", `--publish ${JSON.stringify(text)} names no port`, {
      hint: "write 127.0.0.1:8888:80, 8888:80 or 80: the port inside comes last",
    });
  });
}

/** What is asked for, and of the wanted ports those that it does not name, on loopback and free. */
export function withPorts(
  asked: readonly PublishedPort[],
  wanted: readonly number[],
): readonly PublishedPort[] {
  const named = new Set(asked.map((port) => port.containerPort));
  const more = wanted.filter((port) => !named.has(port));
  return [...asked, ...more.map((containerPort) => ({ address: loopback, hostPort: 0, containerPort }))];
}

/** Ports that others than this machine would reach: an image's servers trust the gateway in front of them. */
export function beyondLoopback(ports: readonly PublishedPort[]): readonly PublishedPort[] {
  return ports.filter(({ address }) => !/^(127\.\d+\.\d+\.\d+|\[?::1\]?|localhost)$/.test(address));
}

/** Where this machine reaches a port that was published on an address: every address (`0.0.0.0`) is also its own. */
export function reachable(address: string): string {
  return address === "0.0.0.0" || address === "" ? loopback : address;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
