import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Line } from "./line.ts";

/** One request to a scheduler. */
export interface HttpRequest {
  readonly endpoint: Endpoint;
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds until the answer must have begun; absent for answers that begin when a job says something. */
  readonly timeout?: number;
}

/** Sends a request and resolves when the answer's head is there. Throws `ConnectionError`, and what `signal` was aborted with. */
export async function sendRequest(wanted: HttpRequest): Promise<IncomingMessage> {
  const line = await lineTo(wanted.endpoint);
  const text = wanted.body === undefined ? undefined : JSON.stringify(wanted.body);
  return new Promise((resolve, reject) => {
    let connected = false;
    const sent = request({
      method: wanted.method,
      path: `${line.pathPrefix}${wanted.path}`,
      // Without an agent, which would look for a server's name in vain: a tenth of the command's time.
      createConnection: line.connect,
      headers: { ...line.headers, ...headersFor(text) },
      ...(wanted.signal === undefined ? {} : { signal: wanted.signal }),
    });
    sent.once("socket", (socket) => socket.once(line.readyEvent, () => (connected = true)));
    const late =
      wanted.timeout === undefined ? undefined : setTimeout(() => sent.destroy(tooLate()), wanted.timeout);
    sent.once("response", (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    sent.on("error", (error) => {
      clearTimeout(late);
      reject(wanted.signal?.aborted === true ? wanted.signal.reason : connectionError(error, connected));
    });
    sent.end(text);
  });
}

async function lineTo(endpoint: Endpoint): Promise<Line> {
  if (endpoint.kind === "url") return (await import("./secure-line.ts")).secureLine(endpoint);
  return {
    connect: () => connect(endpoint.path),
    readyEvent: "connect",
    pathPrefix: "",
    headers: { host: "jobman" },
  };
}

/** The whole text of an answer. Throws as `readText`; without its iterator, which costs a command's start more. */
export function readWholeText(answer: IncomingMessage, signal: AbortSignal | undefined): Promise<string> {
  const parts: string[] = [];
  answer.setEncoding("utf8").on("data", (part: string) => parts.push(part));
  return new Promise((resolve, reject) => {
    answer.once("end", () => resolve(parts.join("")));
    answer.once("error", (error) =>
      reject(signal?.aborted === true ? signal.reason : connectionError(error, true)),
    );
  });
}

/** The text of an answer as it arrives. Throws `ConnectionError` when it breaks off, and what `signal` was aborted with. */
export async function* readText(
  answer: IncomingMessage,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  answer.setEncoding("utf8");
  try {
    for await (const chunk of answer) yield String(chunk);
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : connectionError(error, true);
  }
}

function tooLate(): Error {
  return Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" });
}

function headersFor(text: string | undefined): Record<string, string | number> {
  if (text === undefined) return { accept: "application/json" };
  return {
    accept: "application/json",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  };
}

function connectionError(error: unknown, sent: boolean): ConnectionError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "ECONNRESET";
  const cut = code === "ERR_STREAM_PREMATURE_CLOSE" || code === "EPIPE" || code.startsWith("HPE_");
  return new ConnectionError(cut ? "ECONNRESET" : code, { sent, cause: error });
}
