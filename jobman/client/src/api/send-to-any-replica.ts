import type { IncomingMessage } from "node:http";
import { ConnectionError } from "./connection-error.ts";
import { type HttpRequest, sendRequest } from "./http-request.ts";

const attempts = 3;
const pause = 150;

/**
 * Sends a request. Behind an address stand several replicas: where the one that was met ends before it can have the request,
 * another is asked. Throws as `sendRequest`.
 */
export async function sendToAnyReplica(wanted: HttpRequest): Promise<IncomingMessage> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await sendRequest(wanted);
    } catch (error) {
      if (attempt === attempts || wanted.endpoint.kind === "socket" || !isGone(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause * attempt));
    }
  }
}

function isGone(error: unknown): boolean {
  if (!(error instanceof ConnectionError) || error.sent) return false;
  return error.code === "ECONNREFUSED" || error.code === "ECONNRESET";
}
