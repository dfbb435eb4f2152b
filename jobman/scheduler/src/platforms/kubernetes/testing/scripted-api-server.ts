import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** One answer of a script. */
export type Answer = (response: ServerResponse) => void | Promise<void>;

/** What the server was asked, in words such as `GET /version`, `WATCH /api/v1/pods`. */
export interface Asked {
  readonly what: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly body: string;
  /** By the monotonic clock (milliseconds). */
  readonly at: number;
}

export interface ScriptedApiServer extends AsyncDisposable {
  readonly address: string;
  readonly asked: readonly Asked[];
  /** What was asked in these words. */
  of(what: string): readonly Asked[];
}

/** By what is asked: the answers one after the other, of which the last is given again and again. */
export type Script = Readonly<Record<string, readonly Answer[]>>;

/** An API server on loopback that answers as it is told, for faults that a real one shows seldom. */
export async function scriptApiServer(script: Script): Promise<ScriptedApiServer> {
  const asked: Asked[] = [];
  const of = (what: string) => asked.filter((each) => each.what === what);
  const server = createServer(async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://script");
    const what = `${query.has("watch") ? "WATCH" : request.method} ${pathname}`;
    const body = (await Array.fromAsync(request as AsyncIterable<Uint8Array>)).join("");
    const { authorization } = request.headers;
    asked.push({ what, query, authorization, body, at: performance.now() });
    const answers = script[what] ?? [json({ message: `not in the script: ${what}` }, { status: 404 })];
    await answers[Math.min(of(what).length, answers.length) - 1]?.(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    of,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A whole answer. */
export function json(
  body: unknown,
  {
    status = 200,
    headers = {},
  }: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Answer {
  return (response) => {
    response.writeHead(status, headers).end(JSON.stringify(body));
  };
}

/** A page of a list, up to `version`. */
export function page(version: string, items: readonly object[], next?: string): Answer {
  return json({
    metadata: { resourceVersion: version, ...(next === undefined ? {} : { continue: next }) },
    items,
  });
}

/** Nothing, while the connection stays. */
export const silence: Answer = () => undefined;

/** The request was read, and then the connection breaks. */
export const reset: Answer = (response) => {
  response.socket?.resetAndDestroy();
};

/** Bytes, and how it goes on: the server ends it, the connection breaks, nothing comes any more. */
export function text(bytes: string, then: "end" | "break" | "hold" = "hold"): Answer {
  return async (response) => {
    response.writeHead(200);
    response.flushHeaders();
    if (bytes !== "") response.write(bytes);
    if (then === "end") response.end();
    if (then === "break") {
      // Else what was written would be lost with the connection.
      await pause(20);
      response.socket?.resetAndDestroy();
    }
  };
}

/** Lines of a watch. */
export function events(lines: readonly object[], then: "end" | "break" | "hold" = "hold"): Answer {
  return text(lines.map((line) => `${JSON.stringify(line)}\n`).join(""), then);
}
