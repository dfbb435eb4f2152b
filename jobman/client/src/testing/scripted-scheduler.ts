import { mkdtemp, rm } from "node:fs/promises";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogPiece } from "../protocol/index.ts";
import type { Certificate } from "./authority.ts";

/** A request as it arrived. */
interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** Answers one request; the response is the test's to use, so that faults can be played: cut lines, dropped connections. */
export type Reply = (response: ServerResponse, request: ReceivedRequest) => unknown;

/** A listener on a real Unix socket, or a real port with TLS, that plays a script: a double for faults that the real scheduler does not make on demand. */
export interface ScriptedScheduler extends AsyncDisposable {
  readonly socket: string;
  /** The port that it listens on in place of the socket, where it has a certificate. */
  port(): number;
  readonly received: readonly ReceivedRequest[];
  /**
   * Answers requests of `GET /v1/queue` and the like (without the query). Several replies are used one after the
   * other, the last one for good.
   */
  on(route: string, ...replies: readonly Reply[]): void;
  /** Ends the listener and all its connections, as `kill -9` does. */
  stop(): Promise<void>;
  /** Listens again at the same place. */
  start(): Promise<void>;
}

export async function startScriptedScheduler(certificate?: Certificate): Promise<ScriptedScheduler> {
  const folder = await mkdtemp(join(tmpdir(), "jobman-test-"));
  const socket = join(folder, "jobman.sock");
  const script = new Map<string, Reply[]>();
  const received: ReceivedRequest[] = [];
  let server: Server | undefined;
  let port = 0;
  const scheduler: ScriptedScheduler = {
    socket,
    port: () => port,
    received,
    on: (route, ...replies) => script.set(route, [...replies]),
    start: async () => {
      const listener = (request: IncomingMessage, response: ServerResponse) =>
        void answer({ script, received }, request, response);
      server = certificate === undefined ? createServer(listener) : createSecureServer(certificate, listener);
      const starting = certificate === undefined ? server.listen(socket) : server.listen(port, "127.0.0.1");
      await new Promise((resolve, reject) => starting.once("listening", resolve).once("error", reject));
      if (certificate !== undefined) port = (server.address() as AddressInfo).port;
    },
    stop: async () => {
      server?.closeAllConnections();
      await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
    },
    [Symbol.asyncDispose]: async () => {
      await scheduler.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await scheduler.start();
  return scheduler;
}

/** A reply in JSON. */
export function json(body: unknown, status = 200): Reply {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
}

/** A reply in the API's shape of a fault. */
export function fault(status: number, code: string, message: string): Reply {
  return json({ code, message }, status);
}

/** A reply of NDJSON lines, ended in good order. */
export function ndjson(...values: readonly unknown[]): Reply {
  return (response) => {
    response.end(values.map((value) => `${JSON.stringify(value)}\n`).join(""));
  };
}

/** The output of a job, from behind the line that the request names, ended in good order. */
export function output(...lines: readonly LogPiece[]): Reply {
  return (response, request) => {
    const after = new URL(request.url, "http://jobman").searchParams.get("after");
    const known = lines.findIndex((line) => line.cursor === after);
    return ndjson(...lines.slice(known + 1))(response, request);
  };
}

/** NDJSON lines and then, in the middle of the next one, the end of the connection. */
export function cutNdjson(...values: readonly unknown[]): Reply {
  return (response) => {
    const text = values.map((value) => `${JSON.stringify(value)}\n`).join("");
    response.write(`${text}{"time":"20`, () => response.destroy());
  };
}

async function answer(
  to: { readonly script: Map<string, Reply[]>; readonly received: ReceivedRequest[] },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString("utf8");
  const { method = "", url = "", headers } = request;
  const entry: ReceivedRequest = { method, url, headers, body: text === "" ? undefined : JSON.parse(text) };
  to.received.push(entry);
  const replies = to.script.get(`${method} ${url.split("?")[0]}`) ?? [];
  const reply = replies.length > 1 ? replies.shift() : replies[0];
  await (reply ?? fault(404, "NO_SUCH_ROUTE", `no reply for ${method} ${url}`))(response, entry);
}
