import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { exitCodes, UserError } from "@workstation/cli";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { type Asker, type Candidate, endpointCandidates } from "../endpoint/endpoint-candidates.ts";
import type { Io } from "../io.ts";
import { errorFromAnswer } from "./answer-error.ts";
import { ConnectionError } from "./connection-error.ts";
import { type HttpRequest, readText, readWholeText } from "./http-request.ts";
import { sendToAnyReplica } from "./send-to-any-replica.ts";

/**
 * The scheduler's API. Faults that the scheduler names come as `UserError` with their exit code; where nobody can be
 * reached, `SCHEDULER_UNREACHABLE` (69) names every place that was tried; a connection lost later is a `ConnectionError`.
 */
export interface Api {
  /** Sends one request and reads the JSON of its answer. */
  call<T>(method: HttpRequest["method"], path: string, options?: CallOptions): Promise<T>;
  /** The lines of an NDJSON answer; returns when the scheduler ended it in good order. */
  lines<T>(path: string, signal: AbortSignal): AsyncGenerator<T, void>;
}

interface CallOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Milliseconds until the answer must have begun; default 30 seconds. */
  readonly timeout?: number;
}

const answerTimeout = 30_000;

/** An API that looks for the scheduler at its first request and stays with the endpoint that it found. */
export function createApi(io: Io): Api {
  let found: Endpoint | undefined;
  const send = async (wanted: Omit<HttpRequest, "endpoint">): Promise<IncomingMessage> => {
    if (found !== undefined) return checked(found, await sendToAnyReplica({ ...wanted, endpoint: found }));
    const first = await firstAnswer(endpointCandidates(askerOf(io)), wanted);
    found = first.endpoint;
    return checked(found, first.answer);
  };
  return {
    call: async (method, path, options = {}) => {
      const answer = await send({ method, path, timeout: answerTimeout, ...options });
      return parse(await readWholeText(answer, options.signal));
    },
    lines: async function* (path, signal) {
      const answer = await send({ method: "GET", path, signal });
      yield* parsedLines(readText(answer, signal));
    },
  };
}

function askerOf(io: Io): Asker {
  return {
    environment: io.environment,
    uid: process.getuid?.() ?? -1,
    login: async () => (await import("../endpoint/account-name.ts")).accountName(),
    listFolders: (folder) => readdirSync(folder),
    readText: readTextIfThere,
  };
}

function readTextIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

async function firstAnswer(
  candidates: AsyncIterable<Candidate>,
  wanted: Omit<HttpRequest, "endpoint">,
): Promise<{ readonly endpoint: Endpoint; readonly answer: IncomingMessage }> {
  const tried: string[] = [];
  for await (const candidate of candidates) {
    if ("reason" in candidate) {
      tried.push(`${candidate.place}: ${candidate.reason}`);
      continue;
    }
    const { endpoint } = candidate;
    try {
      return { endpoint, answer: await sendToAnyReplica({ ...wanted, endpoint }) };
    } catch (error) {
      if (!(error instanceof ConnectionError) || error.sent) throw error;
      tried.push(`${candidate.place}: ${error.message}`);
    }
  }
  throw new UserError("SCHEDULER_UNREACHABLE", "the scheduler cannot be reached", {
    exitCode: exitCodes.unavailable,
    hint: ["tried:", ...tried.map((line) => `- ${line}`)].join("\n  "),
  });
}

async function checked(endpoint: Endpoint, answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  throw errorFromAnswer({ status, text: await readWholeText(answer, undefined), endpoint });
}

async function* parsedLines<T>(text: AsyncIterable<string>): AsyncGenerator<T, void> {
  let rest = "";
  for await (const part of text) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield parse<T>(line);
  }
  if (rest !== "") throw new ConnectionError("ECONNRESET", { sent: true, cause: undefined });
}

/** The one place where an answer is taken for what the protocol says; the scheduler checks it before it sends it. */
function parse<T>(text: string): T {
  const value = parseJson(text);
  const version =
    typeof value === "object" && value !== null && "apiVersion" in value ? value.apiVersion : "v1";
  if (version === "v1") return value as T;
  throw notOurs("API_VERSION", `the scheduler speaks ${version}, this jobman v1`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notOurs(
      "NO_SCHEDULER",
      "the answer is no JSON: is it jobman's scheduler that listens there?",
      error,
    );
  }
}

function notOurs(code: string, message: string, cause?: unknown): UserError {
  return new UserError(code, message, { exitCode: exitCodes.unavailable, cause });
}
