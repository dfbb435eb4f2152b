import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import type { Certificate } from "../certificates/authority.ts";

/** One request to a server of the cluster. */
export interface Question {
  readonly path: string;
  /** `GET` when nothing is said. */
  readonly method?: string;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  /** What the API server warns of, such as a pod that a namespace would refuse. */
  readonly warnings: readonly string[];
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what the answer is made of
  json(): any;
}

/** Generous: a loaded machine answers late, and a server that is held does not answer at all. */
const answerLimitMs = 30_000;

export type Ask = (question: Question) => Promise<Answer>;

/** How to ask a server whose certificate `authority` has signed, as the holder of a client certificate. */
export function asker(server: string, authority: string, client: Certificate): Ask {
  const agent = new Agent({
    ca: authority,
    cert: readFileSync(client.certificateFile),
    key: readFileSync(client.keyFile),
    keepAlive: true,
  });
  return async ({ path, method = "GET", body, headers }) => {
    const sent = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const asked = request(new URL(path, server), {
      agent,
      method,
      timeout: answerLimitMs,
      // Said, because Node says it of no DELETE.
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(sent), ...headers },
    });
    asked.on("timeout", () => asked.destroy(new Error(`${method} ${path} was not answered`)));
    asked.on("error", reject).on("response", (response) => {
      text(response).then(
        (said) => resolve({ ...headOf(response), text: said, json: () => JSON.parse(said) }),
        reject,
      );
    });
    asked.end(sent);
    return promise;
  };
}

function headOf({ statusCode = 0, headersDistinct }: IncomingMessage): Pick<Answer, "status" | "warnings"> {
  return { status: statusCode, warnings: headersDistinct.warning ?? [] };
}
