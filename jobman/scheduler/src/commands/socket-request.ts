import { request } from "node:http";

/** The whole of an answer. */
export interface SocketAnswer {
  readonly status: number;
  readonly text: string;
}

/** A Unix socket, or an address. */
export type Door = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** One request on a connection of its own; `text` is sent as JSON. Throws what the system says. */
export function sendThrough(
  door: Door,
  sent: { readonly method: string; readonly path: string; readonly text?: string | undefined },
): Promise<SocketAnswer> {
  const { method, path, text } = sent;
  const headers = text === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...door, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 500, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(text);
  });
}
