import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { VncAddress } from "@workstation/images/desktop";

/** A way to a server that takes longer. */
export interface DelayedWay {
  readonly address: VncAddress;
  readonly close: () => Promise<void>;
}

/** Passes bytes on, each after half of the added round trip, in both directions and in order. */
export async function delayedWay(to: VncAddress, addedRoundTripMs: number): Promise<DelayedWay> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ host: to.host, port: to.port, noDelay: true });
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.on("data", (bytes) => setTimeout(() => into.write(bytes), addedRoundTripMs / 2));
      from.on("close", () => setTimeout(() => into.destroy(), addedRoundTripMs / 2));
      from.on("error", () => from.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { ...to, host: "127.0.0.1", port },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
