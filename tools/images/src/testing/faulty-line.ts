import { connect, createServer, type Socket } from "node:net";

/** A line to a server that can be cut: everything passes, until so many bytes went out over all connections. */
export interface FaultyLine {
  readonly host: string;
  /** Cuts every connection once this many more bytes have gone to the server, and each new one at once; null: mended. */
  cutAfter(bytes: number | null): void;
  /** Bytes that went to the server. */
  sent(): number;
  close(): Promise<void>;
}

/** Opens the line to `host:port`; whoever uses `host` of it goes through it. */
export async function openFaultyLine(target: string): Promise<FaultyLine> {
  const [host = "", port = ""] = target.split(":");
  const state = { sent: 0, left: Number.POSITIVE_INFINITY };
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", () => undefined).on("close", () => open.delete(socket));
    }
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    upstream.on("close", () => client.destroy());
    if (state.left <= 0) return cut();
    client.on("data", (chunk: Buffer) => {
      const passing = chunk.subarray(0, Math.max(0, state.left));
      state.sent += passing.length;
      state.left -= passing.length;
      if (!upstream.write(passing)) client.pause();
      if (state.left <= 0) cut();
    });
    upstream.on("drain", () => client.resume());
    client.on("end", () => upstream.end());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address() as { readonly port: number };
  return {
    host: `127.0.0.1:${address.port}`,
    cutAfter: (bytes) => {
      state.left = bytes ?? Number.POSITIVE_INFINITY;
    },
    sent: () => state.sent,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
