import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import type { Credentials } from "../api/credentials.ts";
import { createWatchLines, type WatchLines } from "./watch-lines.ts";

/** A request on its way to the API server. */
export interface PassingRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly isWatch: boolean;
  /** How many writes came this way up to this one; undefined for what writes nothing, and for leases. */
  readonly write?: number;
}

/**
 * What can befall a request. `lost`: its connection breaks before it was sent on, or after it was carried out; `refused`:
 * it is answered so in the server's place; `late`: it is sent on, or its answer comes, after a while; `fatal`: as `lost`,
 * and with it this way to the server is gone for good.
 */
export type Mishap =
  | { readonly kind: "lost" | "fatal"; readonly when: "before" | "after" }
  | { readonly kind: "refused"; readonly status: number; readonly retryAfterSeconds?: number }
  | { readonly kind: "late"; readonly when: "before" | "after"; readonly milliseconds: number };

/** A way to the API server on which things go wrong when a test says so. */
export interface FaultyProxy {
  readonly credentials: Credentials;
  /** Decides what befalls each request from now on. */
  befall(chooser: (request: PassingRequest) => Mishap | undefined): void;
  /** What watches go through. */
  readonly watches: WatchLines;
  writes(): number;
  /** Breaks every connection, and lets nothing through any more: its user is as good as dead. */
  die(): void;
  isDead(): boolean;
  close(): Promise<void>;
}

/** Opens one on loopback; it speaks to the server as the holder of `upstream`. */
export async function openFaultyProxy(upstream: Credentials): Promise<FaultyProxy> {
  const agent = new Agent({ ...upstream.tls, keepAlive: true });
  const state: ProxyState = {
    ...{ upstream, agent, watches: createWatchLines(), choose: () => undefined },
    ...{ writes: 0, dead: false, die: () => undefined },
  };
  const server = createServer((asked, answer) => {
    // Whoever asked may be gone by then.
    void pass(state, asked, answer).catch(() => asked.socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  state.die = () => {
    state.dead = true;
    server.closeAllConnections();
  };
  return {
    credentials: { server: `http://127.0.0.1:${port}`, tls: {}, headers: async () => ({}) },
    befall: (chooser) => {
      state.choose = chooser;
    },
    watches: state.watches,
    writes: () => state.writes,
    die: () => state.die(),
    isDead: () => state.dead,
    close: async () => {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

interface ProxyState {
  readonly upstream: Credentials;
  readonly agent: Agent;
  readonly watches: WatchLines;
  choose: (request: PassingRequest) => Mishap | undefined;
  writes: number;
  dead: boolean;
  die: () => void;
}

async function pass(state: ProxyState, asked: IncomingMessage, answer: ServerResponse): Promise<void> {
  const body = await buffer(asked);
  const passing = describe(state, asked);
  const mishap = state.dead ? lostBefore : state.choose(passing);
  if (mishap?.kind === "refused") return refuse(answer, mishap);
  if (mishap?.when === "before" && !(await befallen(state, asked, mishap))) return;
  const response = await sendOn(state, asked, body);
  if (mishap?.when === "after") {
    const whole = await buffer(response);
    if (!(await befallen(state, asked, mishap))) return;
    answer.writeHead(response.statusCode ?? 502, response.headers).end(whole);
    return;
  }
  answer.writeHead(response.statusCode ?? 502, response.headers);
  if (passing.isWatch && response.statusCode === 200)
    await state.watches.carry(passing.path, response, answer);
  else response.pipe(answer);
}

const lostBefore = { kind: "lost", when: "before" } as const;

/** Whether the request goes on. */
async function befallen(
  state: ProxyState,
  { socket }: IncomingMessage,
  mishap: Exclude<Mishap, { kind: "refused" }>,
): Promise<boolean> {
  if (mishap.kind === "late") {
    await pause(mishap.milliseconds, undefined, { ref: false });
    return true;
  }
  if (mishap.kind === "fatal") state.die();
  socket.destroy();
  return false;
}

function describe(state: ProxyState, { method = "GET", url = "/" }: IncomingMessage): PassingRequest {
  const isWatch = url.includes("watch=1");
  if (method === "GET" || url.includes("/leases")) return { method, path: url, isWatch };
  state.writes += 1;
  return { method, path: url, isWatch, write: state.writes };
}

function refuse(answer: ServerResponse, { status, retryAfterSeconds }: Mishap & { kind: "refused" }): void {
  const retry = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  answer.writeHead(status, { "content-type": "application/json", ...retry });
  const message = "the test's proxy says so";
  answer.end(JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", message, code: status }));
}

async function sendOn(
  { upstream, agent }: ProxyState,
  { method, url = "/", headers }: IncomingMessage,
  body: Buffer,
): Promise<IncomingMessage> {
  const { host: _, connection: __, "transfer-encoding": ___, ...rest } = headers;
  const sent = request(new URL(url, upstream.server), {
    agent,
    method,
    headers: { ...rest, ...(await upstream.headers()), "content-length": String(body.byteLength) },
  });
  const responded = once(sent, "response");
  sent.end(body);
  const [response] = (await responded) as [IncomingMessage];
  return response;
}
