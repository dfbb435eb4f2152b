import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { UserError } from "@workstation/cli";
import type { Address } from "../../address.ts";
import { answerBadRequest, serverLimits } from "../../connections/http-server.ts";
import type { Listeners } from "../../platform.ts";
import { isLoopback, listenAt } from "./addresses.ts";

/**
 * What the operator comes through: a port of the pod's own loopback, which `kubectl port-forward` reaches for whoever may do
 * that in the scheduler's namespace. Throws `OPERATOR_ADDRESS_OPEN`, `ADDRESS_UNUSABLE`.
 */
export async function openOperatorDoor(address: Address, handler: RequestListener): Promise<Listeners> {
  if (!isLoopback(address)) {
    throw new UserError("OPERATOR_ADDRESS_OPEN", `the operator's address ${address.host} is open to others`, {
      hint: "it asks nobody for a name: listen on 127.0.0.1 and reach it with kubectl port-forward",
    });
  }
  const server = createServer(serverLimits, (request, response) => {
    if (!isFromBrowser(request)) return handler(request, response);
    response.writeHead(403, { "content-type": "application/json" });
    response.end(JSON.stringify({ code: "NOT_ALLOWED", message: "the operator's port is not for browsers" }));
  });
  server.on("clientError", answerBadRequest);
  await listenAt(server, address);
  return {
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A page from anywhere can have the browser of an operator ask a forwarded port, under whatever name it resolves to it. */
function isFromBrowser({ headers }: IncomingMessage): boolean {
  if (headers.origin !== undefined || headers["sec-fetch-site"] !== undefined) return true;
  const host = (headers.host ?? "").replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return !isLoopback({ host });
}
