import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Ports on which nothing listens at `address` now; all are held until all are known, so that they differ. */
export async function freePorts(count: number, address: string): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, address));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
