import { request } from "node:http";

/** The whole of an answer. */
export interface SocketAnswer {
  readonly status: number;
  readonly text: string;
}

/** One request through a Unix socket, on a connection of its own; `text` is sent as JSON. Throws what the system says. */
export function sendToSocket(
  socketPath: string,
  sent: { readonly method: string; readonly path: string; readonly text?: string | undefined },
): Promise<SocketAnswer> {
  const { method, path, text } = sent;
  const headers = text === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, headers, agent: false }, (response) => {
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
