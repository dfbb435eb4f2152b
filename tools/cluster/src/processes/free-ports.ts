import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:net";

/**
 * Ports on which nothing listens at `address` now. All are held until all are known, so that they differ; and they are below those
 * that systems give to outgoing connections, one of which could take a port before its server does.
 */
export async function freePorts(count: number, address: string): Promise<readonly number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => holdFreePort(address)));
  await Promise.all(held.map(({ server }) => once(server.close(), "close")));
  return held.map(({ port }) => port);
}

const [lowest, highest] = [15_000, 32_000];

async function holdFreePort(address: string): Promise<{ readonly server: Server; readonly port: number }> {
  for (;;) {
    const port = randomInt(lowest, highest);
    const server = createServer().listen(port, address);
    try {
      await once(server, "listening");
      return { server, port };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}
