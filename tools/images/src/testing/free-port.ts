import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A TCP port of loopback that nobody has now; somebody may have it before it is used. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}
