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

/** `ready` gives the reason why users cannot be served, if there is one. Throws `ADDRESS_UNUSABLE`. */
export async function openProbeDoor(address: Address, ready: () => string | undefined): Promise<ProbeDoor> {
  let metrics: RequestListener | undefined;
  const why = (): string | undefined => (metrics === undefined ? "starting" : ready());
  const server = createServer(serverLimits, (request, response) => {
    if (request.method !== "GET") return say(response, 405, "GET alone");
    if (request.url === "/healthz") return say(response, 200, "ok");
    if (request.url === "/readyz") return say(response, why() === undefined ? 200 : 503, why() ?? "ok");
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
