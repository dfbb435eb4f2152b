import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import type { Readable } from "node:stream";
import { NoAnswer } from "./registry-fault.ts";

/** One request; a body is bytes, or a stream of exactly so many. */
export interface Sent {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | { readonly stream: () => Readable; readonly bytes: number };
}

/** What came back; the text of manifests, refusals and the like is small, and at most 8 MB are taken. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  readonly text: string;
}

/** Sends requests to one registry over connections that are kept. */
export interface Transport {
  readonly host: string;
  /** Rejects with `NoAnswer` when none came, or nothing moved for a while. */
  send(url: string, sent: Sent): Promise<Answer>;
  close(): void;
}

/** How a registry is reached. */
export interface TransportSettings {
  readonly authorities: readonly string[];
  readonly signal: AbortSignal;
  /** A connection on which nothing moves for so long is given up. */
  readonly patienceMs?: number;
}

const usualPatience = 60_000;

/** Opens a registry over TLS; no connection is made yet. */
export function openTransport(host: string, settings: TransportSettings): Transport {
  const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: [...settings.authorities] });
  return {
    host,
    close: () => agent.destroy(),
    send: (url, sent) => sendOnce(new URL(url, `https://${host}`), sent, { ...settings, agent, host }),
  };
}

interface Route extends TransportSettings {
  readonly agent: Agent;
  readonly host: string;
}

async function sendOnce(url: URL, sent: Sent, route: Route): Promise<Answer> {
  route.signal.throwIfAborted();
  try {
    return await exchange(url, sent, route);
  } catch (error) {
    route.signal.throwIfAborted();
    throw new NoAnswer(url.host, error);
  }
}

function exchange(url: URL, sent: Sent, route: Route): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, body } = sent;
    const length = body === undefined ? 0 : "bytes" in body ? body.bytes : body.length;
    const hasBody = body !== undefined || method === "POST" || method === "PUT" || method === "PATCH";
    const headers = { ...sent.headers, ...(hasBody ? { "content-length": String(length) } : {}) };
    const call = request(url, { method, headers, agent: route.agent, signal: route.signal });
    const patience = route.patienceMs ?? usualPatience;
    call.setTimeout(patience, () => call.destroy(new Error(`nothing for ${patience / 1000} s`)));
    call.on("error", reject);
    call.on("response", (response) => readAnswer(response).then(resolve, reject));
    if (body === undefined || Buffer.isBuffer(body)) call.end(body);
    else {
      const source = body.stream();
      source.on("error", (error) => call.destroy(error));
      call.on("close", () => source.destroy());
      source.pipe(call);
    }
  });
}

const largestAnswer = 8_000_000;

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > largestAnswer) throw new Error(`an answer of more than ${largestAnswer} bytes`);
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks);
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() };
}
