import { Agent, type Dispatcher } from "undici";
import { ClusterError } from "./cluster-error.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { AnswerTooLarge, readText } from "./read-text.ts";

/** One way to an API server, shared by all that ask it. */
export interface ClusterConnection {
  readonly server: string;
  /** Sends a request and reads its JSON. Throws `ClusterError`, of which one is `AnswerTooLarge`. */
  ask<T>(method: Method, path: string, options?: AskOptions): Promise<T>;
  /** An answer that comes bit by bit; ends when the server ends it, or when it is silent for `silenceMs`. Throws `ClusterError`. */
  stream(path: string, options: StreamOptions): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface AskOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** What a PATCH is; a merge by the names of list entries, unless another is named. */
  readonly patch?: "strategic-merge" | "merge" | "json";
  /** How often a server that asks to be left alone is asked again; 4 if it is not said. */
  readonly patience?: number;
  /** Hears what the server warns of. */
  readonly onWarning?: (warning: string) => void;
}

export interface StreamOptions {
  readonly signal: AbortSignal;
  readonly silenceMs: number;
}

/** An answer to a simple question takes milliseconds; one that takes this long will not come. */
const usualAnswerMs = 15_000;
/** 32 fill an API server's default allowance for one client; watches and logs have connections of their own. */
const connections = 32;
/** A page of a list is what may be large; a single object is 1.5 MB at most (etcd's `--max-request-bytes`). */
const mostBytes = 16 * 1024 * 1024;
const usualPatience = 4;
const longestPauseMs = 10_000;

/** Opens a way to the cluster of a kubeconfig file, or of the pod that this process is in. Throws `NO_CLUSTER`. */
export async function connectCluster(kubeconfig?: string): Promise<ClusterConnection> {
  return connectWith(await readCredentials(kubeconfig));
}

/** The same with credentials that are known; `answerMs`: how long an answer, or the next part of one, is waited for. */
export function connectWith(
  credentials: Credentials,
  { answerMs = usualAnswerMs }: { readonly answerMs?: number } = {},
): ClusterConnection {
  // One pool: the client library as it comes opens a TLS connection for each request.
  const connect = { ...credentials.tls, keepAlive: true };
  // HTTP/2 would have hundreds of requests wait at the server at once, where each has its time to be answered; so they wait here.
  const common = { connect, allowH2: false, headersTimeout: answerMs };
  const asking = new Agent({ ...common, connections, bodyTimeout: answerMs });
  const streaming = new Agent({ ...common, bodyTimeout: 0 });
  return {
    server: credentials.server,
    ask: async (method, path, options = {}) => {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await send({ credentials, agent: asking }, path, {
          method,
          ...bodyOf(method, options),
        });
        const text = await textOf(answer);
        if (answer.statusCode < 300) {
          tellWarnings(answer.headers.warning, options.onWarning);
          return parse(text);
        }
        const error = errorFrom(answer, text);
        // 429 says that nothing was done.
        if (error.status !== 429 || attempt > (options.patience ?? usualPatience)) throw error;
        await pauseFor(error.retryAfterMs);
      }
    },
    stream: async (path, { signal, silenceMs }) => {
      const answer = await send({ credentials, agent: streaming }, path, {
        signal,
        bodyTimeout: silenceMs,
        headers: { accept: "application/json, */*" },
      });
      if (answer.statusCode < 300) return bytesOf(answer.body);
      throw errorFrom(answer, await textOf(answer));
    },
    close: async () => {
      await Promise.all([asking.destroy(), streaming.destroy()]);
    },
  };
}

interface Way {
  readonly credentials: Credentials;
  readonly agent: Agent;
}

/** Asks once; where our token is refused, which says that nothing was done, once more with the one that came in its place. */
async function send(
  { credentials, agent }: Way,
  path: string,
  options: Partial<Dispatcher.RequestOptions>,
): Promise<Dispatcher.ResponseData> {
  const sendWith = (own: Readonly<Record<string, string>>) => {
    const headers = { ...own, ...(options.headers as Record<string, string>) };
    const where = { origin: credentials.server, path, method: options.method ?? "GET" } as const;
    return agent.request({ ...options, ...where, headers } as Dispatcher.RequestOptions);
  };
  try {
    const own = await credentials.headers();
    const answer = await sendWith(own);
    if (answer.statusCode !== 401) return answer;
    const renewed = await credentials.headers(true);
    if (renewed.authorization === own.authorization) return answer;
    await answer.body.dump();
    return await sendWith(renewed);
  } catch (cause) {
    throw noAnswer(cause);
  }
}

function textOf({ body }: Dispatcher.ResponseData): Promise<string> {
  return readText(body, mostBytes).catch((cause: unknown) => {
    throw cause instanceof AnswerTooLarge ? cause : noAnswer(cause);
  });
}

/** What is no JSON comes from something between us and the server. */
function parse<T>(text: string): T {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noAnswer(cause);
  }
}

async function* bytesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw noAnswer(cause);
  }
}

const patchTypes = {
  "strategic-merge": "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
} as const;

function bodyOf(method: Method, { body, patch = "strategic-merge" }: AskOptions) {
  const type = method === "PATCH" ? patchTypes[patch] : "application/json";
  if (body === undefined) return { headers: { accept: "application/json" } };
  return { body: JSON.stringify(body), headers: { accept: "application/json", "content-type": type } };
}

function errorFrom({ statusCode, headers }: Dispatcher.ResponseData, text: string): ClusterError {
  const { message = text.slice(0, 500), reason = "" } = statusOf(text);
  const seconds = Number(headers["retry-after"]);
  const retryAfterMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
  return new ClusterError(message, { status: statusCode, reason, retryAfterMs });
}

function statusOf(text: string): { readonly message?: string; readonly reason?: string } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function noAnswer(cause: unknown): ClusterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ClusterError(`the API server gave no answer: ${why}`, { status: 0, cause });
}

function pauseFor(retryAfterMs = 1000): Promise<void> {
  const most = Math.min(retryAfterMs, longestPauseMs);
  return new Promise((resolve) => setTimeout(resolve, most * (1 + Math.random() / 4)));
}

/** RFC 7234: code, agent, quoted text. */
function tellWarnings(header: string | string[] | undefined, tell: AskOptions["onWarning"]): void {
  if (header === undefined || tell === undefined) return;
  for (const warning of [header].flat()) tell(/^\d{3} \S+ "(.*)"$/s.exec(warning)?.[1] ?? warning);
}
