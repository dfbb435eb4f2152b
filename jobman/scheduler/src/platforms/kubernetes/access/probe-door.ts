import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { Address } from "../../address.ts";
import { answerBadRequest, serverLimits } from "../../connections/http-server.ts";
import type { Listeners } from "../../platform.ts";
import { listenAt } from "./addresses.ts";

/** What a kubelet and Prometheus look at: whether the scheduler lives, whether it can serve, and counts; nothing of users. */
export interface ProbeDoor extends Listeners {
  /** From now on `/metrics` is answered by `listener`, and users are served. */
  serve(listener: RequestListener): void;
}

const mostConnections = 64;

/**
 * Ready is who serves users; one that does not reach the API server is, too, because it tells them so. Throws
 * `ADDRESS_UNUSABLE`.
 */
export async function openProbeDoor(address: Address): Promise<ProbeDoor> {
  let metrics: RequestListener | undefined;
  const server = createServer(serverLimits, (request, response) => {
    if (request.method !== "GET") return say(response, 405, "GET alone");
    if (request.url === "/healthz") return say(response, 200, "ok");
    const isReady = metrics !== undefined;
    if (request.url === "/readyz") return say(response, isReady ? 200 : 503, isReady ? "ok" : "starting");
    if (request.url === "/metrics" && metrics !== undefined) return metrics(request, response);
    say(response, 404, "there is /healthz, /readyz and /metrics");
  });
  server.maxConnections = mostConnections;
  server.on("clientError", answerBadRequest);
  await listenAt(server, address);
  return {
    serve: (listener) => {
      metrics = listener;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${text}\n`);
}
