import { exitCodes, shorten, UserError } from "@workstation/cli";
import { type DockerConnection, daemonUnavailable } from "../connect.ts";

/** The HTTP status of an answer that was no success; undefined when no answer came at all. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

/** The engine's own words for what went wrong, on one line; cut, for they may repeat a path of megabytes. */
export function daemonWords(error: unknown): string {
  const body = (error as { readonly json?: { readonly message?: unknown } } | null)?.json?.message;
  const text = typeof body === "string" ? body : error instanceof Error ? error.message : String(error);
  return shorten(text).replaceAll(/\s+/g, " ").trim();
}

/**
 * Runs one request. Rejects with `ENGINE_UNAVAILABLE` when no answer came, with `STORAGE_FULL` when the engine's
 * disk is full; every other refusal passes as it is, with its `statusCode`.
 */
export async function ask<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw translate(error);
  }
}

/** How long an engine may take to answer what it need not work for: it may be busy with other things. */
const answerLimitMs = 120_000;

/**
 * The same with a limit, after which the request is let go of and it rejects with `ENGINE_UNAVAILABLE`: an engine that is
 * stuck takes connections and never answers. Of an answer that is a stream only its beginning has the limit. `send` uses
 * the connection that it is given, on which the limit holds for every kind of request.
 */
export async function askSoon<T>(
  docker: DockerConnection,
  send: (docker: DockerConnection) => Promise<T>,
  limitMs = answerLimitMs,
): Promise<T> {
  const limit = new AbortController();
  const letGo = (): void => limit.abort(new Error(`no answer within ${limitMs / 1000} s`));
  const timer = setTimeout(letGo, limitMs);
  try {
    return await ask(() => send(withSignal(docker, limit.signal)));
  } catch (error) {
    throw limit.signal.aborted ? daemonUnavailable(limit.signal.reason) : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The connection with a signal that ends its requests: many of dockerode's methods take none. */
export function withSignal(docker: DockerConnection, abortSignal: AbortSignal): DockerConnection {
  const { modem } = docker;
  const dial: typeof modem.dial = (options, callback) => modem.dial({ ...options, abortSignal }, callback);
  return Object.create(docker, { modem: { value: Object.create(modem, { dial: { value: dial } }) } });
}

/** As `ask`; undefined for what does not exist. */
export async function askUnlessMissing<T>(send: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask(send);
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

function translate(error: unknown): unknown {
  if (statusOf(error) === undefined) return isConnectionFault(error) ? daemonUnavailable(error) : error;
  if (!/no space left on device/i.test(daemonWords(error))) return error;
  return new UserError("STORAGE_FULL", `the engine's disk is full: ${daemonWords(error)}`, {
    hint: "free space where Docker keeps its data (docker system df shows what uses it), then try again",
    exitCode: exitCodes.tryLater,
    cause: error,
  });
}

const connectionCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "ENOENT",
  "EACCES",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ABORT_ERR",
]);

/** True for what the network layer says; aborts count, because each of our requests has a time limit. */
export function isConnectionFault(error: unknown): boolean {
  const fault = error as {
    readonly code?: unknown;
    readonly name?: unknown;
    readonly message?: unknown;
  } | null;
  if (fault?.name === "TimeoutError" || fault?.name === "AbortError") return true;
  return typeof fault?.code === "string" && connectionCodes.has(fault.code);
}
