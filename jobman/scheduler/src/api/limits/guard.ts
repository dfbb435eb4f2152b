import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { apiErrors } from "@workstation/jobman/protocol";
import { type Allowance, createAllowance, type Demand } from "./allowance.ts";
import { costOf, limits } from "./limits.ts";

/** Refuses what is beyond a user's allowance before anything of it is read or parsed. */
export function createGuard(now: () => number): {
  /** A listener for one user's requests, whatever connection they come through. */
  readonly listenerFor: (next: RequestListener) => RequestListener;
} {
  return {
    listenerFor: (next) => {
      const allowance = createAllowance(now);
      const connections = new WeakMap<object, "busy" | "ending">();
      return (request, response) => {
        const standing = connections.get(request.socket);
        // Its last answer is on the way: nothing behind it is looked at.
        if (standing === "ending") return;
        if (standing === "busy") {
          connections.set(request.socket, "ending");
          // What comes behind it stays in the kernel.
          request.socket.pause();
          refuse(response, "a request came before the one before it was answered", { close: true });
          return;
        }
        connections.set(request.socket, "busy");
        response.once("close", () => connections.delete(request.socket));
        admit(allowance, { request, response, next });
      };
    },
  };
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse<IncomingMessage>;
  readonly next: RequestListener;
}

function admit(allowance: Allowance, { request, response, next }: Exchange): void {
  const taken = allowance.take(demandOf(request));
  if ("refusal" in taken) {
    refuse(response, taken.refusal, { close: false });
    return;
  }
  const giveUp = giveUpUnread(response);
  response.once("close", () => {
    clearInterval(giveUp);
    taken.giveBack();
  });
  next(request, response as never);
}

const streamPath = /^\/v1\/jobs\/[^/?]+\/(?:watch|log)(?:\?|$)/;

function demandOf({ method = "GET", url = "", headers }: IncomingMessage): Demand {
  const kind = streamPath.test(url) ? "stream" : "request";
  const bodyBytes = bodyBytesOf(headers);
  return { kind, bodyBytes, tokens: costOf(method, kind, bodyBytes) };
}

/** A body whose length is not said, or is too large to be taken, counts as the largest. */
function bodyBytesOf(headers: IncomingMessage["headers"]): number {
  if (headers["transfer-encoding"] !== undefined) return limits.bodyBytes;
  const length = Number(headers["content-length"] ?? 0);
  return Number.isSafeInteger(length) ? Math.min(length, limits.bodyBytes) : limits.bodyBytes;
}

/** An answer that was given and is still not read when the timer comes round again holds memory for nobody. */
function giveUpUnread(response: ServerResponse): NodeJS.Timeout {
  let wasEnded = false;
  const timer = setInterval(() => {
    if (wasEnded) response.destroy();
    wasEnded = response.writableEnded;
  }, limits.unreadAnswerMs);
  return timer.unref();
}

function refuse(response: ServerResponse, why: string, options: { readonly close: boolean }): void {
  const body = JSON.stringify({
    code: "TOO_MANY_REQUESTS",
    message: why,
    hint: "wait a moment, and ask for fewer things at a time",
  });
  response.writeHead(apiErrors.TOO_MANY_REQUESTS.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "retry-after": "1",
    ...(options.close ? { connection: "close" } : {}),
  });
  response.end(body);
}
