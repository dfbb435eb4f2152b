import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { oneRequestAtATime, refuseTooMany } from "../../platforms/connections/one-request.ts";
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
      return oneRequestAtATime((request, response) => admit(allowance, { request, response, next }));
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
    refuseTooMany(response, taken.refusal, { close: false });
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
