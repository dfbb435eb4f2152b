import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  type Answer,
  json,
  reset,
  type ScriptedApiServer,
  scriptApiServer,
  silence,
  text,
} from "../testing/scripted-api-server.ts";
import { isAmbiguous } from "./cluster-error.ts";
import { type ClusterConnection, connectWith } from "./connection.ts";
import { accountIn, type Credentials } from "./credentials.ts";

const path = "/api/v1/things";
let server: ScriptedApiServer;
let connection: ClusterConnection;
afterEach(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

/** A connection to a server that gives these answers to a POST and to a GET. */
async function against(
  answers: readonly Answer[],
  credentials: (address: string) => Promise<Credentials> = async (address) => ({
    server: address,
    tls: {},
    headers: async () => ({}),
  }),
): Promise<void> {
  server = await scriptApiServer({ [`POST ${path}`]: answers, [`GET ${path}`]: answers });
  connection = connectWith(await credentials(server.address), { answerMs: 300 });
}

const post = (patience?: number) =>
  connection.ask("POST", path, { body: { a: 1 }, ...(patience === undefined ? {} : { patience }) });
const failure = (asked: Promise<unknown>): Promise<unknown> =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );
const busy = json(
  { message: "busy", reason: "TooManyRequests" },
  { status: 429, headers: { "retry-after": "1" } },
);

test("a server that wants to be left alone is asked again when it said", async () => {
  await against([busy, json({ fine: true })]);
  const before = performance.now();
  expect(await post()).toEqual({ fine: true });
  expect(performance.now() - before).toBeGreaterThan(950);
  expect(server.asked.map(({ body }) => body)).toEqual(['{"a":1}', '{"a":1}']);
});

test("who has no patience hears at once for how long, and that nothing was done", async () => {
  await against([busy]);
  const error = await failure(post(0));
  expect(error).toMatchObject({ status: 429, reason: "TooManyRequests", retryAfterMs: 1000 });
  expect(isAmbiguous(error)).toBe(false);
  expect(server.asked.length).toBe(1);
});

test.each([
  ["breaks after the request was read", reset],
  ["does not come", silence],
  ["stops in the middle", text('{"half":')],
  ["breaks in the middle", text('{"half":', "break")],
  ["is not the API server's", text("<html>", "end")],
  ["is a fault of the server's", json({ message: "etcd is away" }, { status: 500 })],
  ["is that of somebody between", json("bad gateway", { status: 502 })],
])(
  "where an answer %s, it is not known whether the write was done, and it is not sent again",
  async (_, answer) => {
    await against([answer]);
    expect(isAmbiguous(await failure(post()))).toBe(true);
    expect(server.asked.length).toBe(1);
  },
);

test.each([400, 401, 403, 404, 409, 422])(
  "a refusal with %d is told in the server's words",
  async (status) => {
    await against([json({ message: "no", reason: "Because" }, { status })]);
    const error = await failure(post());
    expect(error).toMatchObject({ message: "no", reason: "Because", status });
    expect(isAmbiguous(error)).toBe(false);
    expect(server.asked.length).toBe(1);
  },
);

test("a server that cannot be reached is no answer", async () => {
  await against([]);
  await server[Symbol.asyncDispose]();
  expect(isAmbiguous(await failure(post()))).toBe(true);
  server = await scriptApiServer({});
});

test("a token that is refused is read anew, and the request sent once more, also for a watch or a log", async () => {
  const folder = await mkdtemp(join(tmpdir(), "account-"));
  await writeFile(join(folder, "ca.crt"), "");
  await writeFile(join(folder, "token"), "old\n");
  const refused = json({ message: "Unauthorized" }, { status: 401 });
  await against(
    [json({}), refused, json({ fine: true }), refused, text("lines", "end"), refused],
    (address) => accountIn(folder, address),
  );
  await connection.ask("GET", path);
  await writeFile(join(folder, "token"), "new");
  expect(await connection.ask("GET", path)).toEqual({ fine: true });
  await writeFile(join(folder, "token"), "newer");
  const bytes = await connection.stream(path, { signal: new AbortController().signal, silenceMs: 1000 });
  expect(Buffer.concat(await Array.fromAsync(bytes)).toString()).toBe("lines");
  expect(await failure(connection.ask("GET", path))).toMatchObject({ status: 401 });
  // Gone for a moment, as while it is replaced.
  await rm(join(folder, "token"));
  expect(await failure(connection.ask("GET", path))).toMatchObject({ status: 401 });
  const tokens = ["old", "old", "new", "new", "newer", "newer", "newer"];
  expect(server.asked.map(({ authorization }) => authorization)).toEqual(
    tokens.map((each) => `Bearer ${each}`),
  );
  await rm(folder, { recursive: true });
});

test("a stream that is silent for too long, breaks or is refused says so as any request does", async () => {
  await against([text("first"), text("first", "break"), json({ message: "gone" }, { status: 410 }), reset]);
  const read = async () =>
    Array.fromAsync(await connection.stream(path, { signal: new AbortController().signal, silenceMs: 200 }));
  expect(await failure(read())).toMatchObject({ name: "ClusterError", status: 0 });
  expect(await failure(read())).toMatchObject({ name: "ClusterError", status: 0 });
  expect(await failure(read())).toMatchObject({ name: "ClusterError", status: 410, message: "gone" });
  expect(await failure(read())).toMatchObject({ name: "ClusterError", status: 0 });
});

test("what the server warns of is heard", async () => {
  await against([json({}, { headers: { warning: '299 - "is old"' } })]);
  const warnings: string[] = [];
  await connection.ask("GET", path, { onWarning: (warning) => warnings.push(warning) });
  expect(warnings).toEqual(["is old"]);
});
