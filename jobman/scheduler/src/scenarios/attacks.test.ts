import { once } from "node:events";
import { type ClientRequest, request } from "node:http";
import { connect, type Socket } from "node:net";
import { userSocket } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { limits } from "../api/limits/limits.ts";
import { attacks, rawRequest, reachSocket, startAttack } from "../testing/attack.ts";
import { createFakeEngine, type FakeEngine } from "../testing/fake-engine.ts";
import { malformedRequest } from "../testing/malformed-request.ts";
import { createRandom } from "../testing/random.ts";
import { type Ask, makeSchedulerFixture, type SchedulerFixture } from "../testing/scheduler-fixture.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";
import { makeWaitingSpecs } from "../testing/waiting-specs.ts";

/** What a hostile user sends through the own socket, and what everybody else still gets. */

let engine: FakeEngine;
let fixture: SchedulerFixture;
let alice: Ask;
let mallory: Ask;

beforeEach(async () => {
  engine = createFakeEngine(Date.now);
  fixture = await makeSchedulerFixture({ engine, users: ["alice", "mallory"] });
  alice = fixture.as("alice");
  mallory = fixture.as("mallory");
});
afterEach(() => fixture.dispose());

const malloryPath = () => userSocket(fixture.run, "mallory").socket;
const tooMany = { code: "TOO_MANY_REQUESTS", hint: expect.stringContaining("wait") };

describe("another user's list is answered", () => {
  test.each(attacks.map((attack) => [attack.name, attack] as const))("during: %s", async (_, attack) => {
    await submit(mallory, { name: "mine" });
    const over = new AbortController();
    startAttack(reachSocket(malloryPath()), attack, over.signal);
    const times: number[] = [];
    for (let round = 0; round < 30; round += 1) {
      const startedAt = performance.now();
      expect((await alice("GET", "/v1/jobs")).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    over.abort();
    // The attacker runs in this thread, too: the bench has the exact figures.
    expect(times.sort((a, b) => a - b)[15]).toBeLessThan(200);
  });
});

test("a list of many long commands is made while it is read, and stops nobody", async () => {
  const long = Array.from({ length: 16 }, () => "x".repeat(60_000));
  const specs = makeWaitingSpecs(100).map((spec) => ({ ...spec, owner: "mallory", arguments: long }));
  await using full = await makeSchedulerFixture({
    engine: createFakeEngine(Date.now, specs),
    users: ["alice", "mallory"],
  });
  const socketPath = userSocket(full.run, "mallory").socket;
  const before = process.memoryUsage().rss;
  const unread = Array.from({ length: 16 }, () =>
    request({ socketPath, path: "/v1/jobs", agent: false })
      .on("error", () => undefined)
      .end(),
  );
  await Promise.all(unread.map((each) => once(each, "response")));
  for (let round = 0; round < 10; round += 1) {
    expect((await full.as("alice")("GET", "/v1/jobs")).status).toBe(200);
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  for (const each of unread) each.destroy();
});

describe("a request that would build too much is refused before it is built", () => {
  test.each([
    ["more variables than a program has", { environment: names(10_000) }, 413, "REQUEST_TOO_LARGE"],
    ["more annotations than anybody reads", { annotations: names(10_000) }, 413, "REQUEST_TOO_LARGE"],
    ["lists in lists", { datasets: [[[[[]]]]] }, 400, "INVALID_REQUEST"],
  ])("%s", async (_, body, status, code) => {
    const answer = await mallory("POST", "/v1/jobs?dryRun=true", { arguments: ["true"], ...body });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test.each(["__proto__", "constructor"])("the key %s reaches nothing that others use", async (key) => {
    const body = `{"arguments":["true"],"environment":{"${key}":{"prototype":{"polluted":"yes"}}}}`;
    expect((await mallory("POST", "/v1/jobs", body)).status).toBe(400);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  test("a body that is not UTF-8 is refused, and nothing is guessed", async () => {
    const body = Buffer.from('{"arguments":["a\xff\xfeb"]}', "latin1");
    const sent = request({
      socketPath: malloryPath(),
      method: "POST",
      path: "/v1/jobs?dryRun=true",
      headers: { "content-type": "application/json", "content-length": body.length },
      agent: false,
    }).end(body);
    const [answer] = await once(sent, "response");
    expect(answer.statusCode).toBe(400);
    expect(JSON.parse(String(await answer.toArray()))).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining("UTF-8"),
    });
  });

  test("the promised mebibyte is taken, though each of its characters takes two in JSON", async () => {
    const lines = Array.from({ length: 10 }, () => "\n".repeat(104_000));
    const { status } = await mallory("POST", "/v1/jobs?dryRun=true", { arguments: lines });
    expect(status).toBe(200);
  });
});

describe("who asks too much is refused, and nobody else", () => {
  test("more streams than a person follows; each that ends frees its place", async () => {
    await submit(mallory, { name: "mine" });
    const streams = Array.from({ length: limits.streams }, openWatch);
    await until("one more is refused", async () => (await watchStatus()) === 429);
    await submit(alice, { name: "hers" });
    for (const stream of streams) stream.destroy();
    await until("there is place again", async () => (await watchStatus()) === 200);
  });

  test("more requests in a short time than a person makes", async () => {
    const answers = await Promise.all(
      Array.from({ length: limits.mostTokens * 2 }, () => mallory("GET", "/v1/jobs").catch(() => undefined)),
    );
    const refused = answers.find((answer) => answer?.status === 429);
    expect(refused?.body).toMatchObject(tooMany);
    expect((await alice("GET", "/v1/jobs")).status).toBe(200);
  });

  test("a request behind one that is not answered; the connection ends there", async () => {
    await submit(mallory, { name: "mine" });
    const watch = rawRequest("GET", "/v1/jobs/mine/watch");
    const { id } = (await mallory("GET", "/v1/jobs/mine")).body;
    await inState(mallory, "mine", "running");
    const answers = exchange(watch + watch.repeat(50), { socket: malloryPath() });
    await until("the first is followed", async () => (await alice("GET", "/v1/jobs")).status === 200);
    engine.finish(id, 0);
    expect((await answers).match(/^HTTP\/1\.1 \d+/gm)).toEqual(["HTTP/1.1 200", "HTTP/1.1 429"]);
  });
});

test("a researcher's own use is never refused: twenty followed jobs, and a list each second", async () => {
  await submit(alice, { name: "mine" });
  await inState(alice, "mine", "running");
  const streams = Array.from({ length: 20 }, () => [
    alice("GET", "/v1/jobs/mine/watch"),
    alice("GET", "/v1/jobs/mine/log?follow=true"),
  ]).flat();
  for (let round = 0; round < 60; round += 1) expect((await alice("GET", "/v1/jobs")).status).toBe(200);
  engine.finish((await alice("GET", "/v1/jobs/mine")).body.id, 0);
  expect(new Set((await Promise.all(streams)).map((answer) => answer.status))).toEqual(new Set([200]));
});

test("500 malformed requests are faults of the asker, and the scheduler goes on", async () => {
  const random = createRandom(20261124);
  const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  await using crowd = await makeSchedulerFixture({ engine, users });
  const asks = (round: number) => crowd.as(users[round % users.length] ?? "");
  const statuses: string[] = [];
  for (let round = 0; round < 500; round += 1) {
    const { socket } = userSocket(crowd.run, users[round % users.length] ?? "");
    // Some are never answered, because they have no end: after others' answers nothing more will come.
    const others = async (): Promise<void> => {
      for (const next of [1, 2, 3]) await asks(round + next)("GET", "/v1/queue");
    };
    const text = await exchange(malformedRequest(random), { socket, whenSent: others });
    statuses.push(...(text.match(/^HTTP\/1\.1 \d+/gm) ?? []));
  }
  expect(statuses.length).toBeGreaterThan(250);
  expect(statuses.filter((status) => / (?:5\d\d|429)$/.test(status))).toEqual([]);
  expect((await asks(0)("GET", "/v1/jobs")).status).toBe(200);
}, 60_000);

test("2,000 idle connections of one user take nothing from another", async () => {
  const idle = Array.from({ length: 2000 }, () => connect(malloryPath()).on("error", () => undefined));
  await until("they are made", () => idle.every((socket) => !socket.connecting));
  expect((await alice("GET", "/v1/jobs")).status).toBe(200);
  for (const socket of idle) socket.destroy();
  await until("the user is served again", async () => (await statusOf(mallory)) === 200);
});

function names(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`K${index}`, ""]));
}

async function statusOf(asker: Ask): Promise<number | undefined> {
  return (await asker("GET", "/v1/jobs").catch(() => undefined))?.status;
}

function openWatch(): ClientRequest {
  const socketPath = malloryPath();
  return request({ socketPath, path: "/v1/jobs/mine/watch", agent: false })
    .on("response", (answer) => answer.on("error", () => undefined).resume())
    .on("error", () => undefined)
    .end();
}

/** The status of a watch that is opened and closed at once. */
function watchStatus(): Promise<number | undefined> {
  return new Promise((resolve) => {
    const watch = openWatch();
    watch.on("response", (answer) => {
      resolve(answer.statusCode);
      watch.destroy();
    });
    watch.on("error", () => resolve(undefined));
  });
}

/** Sends bytes as they are and reads what comes until the scheduler closes the connection, or `whenSent` is over. */
async function exchange(
  bytes: string,
  options: { readonly socket: string; readonly whenSent?: () => Promise<void> },
): Promise<string> {
  const socket: Socket = connect(options.socket);
  let text = "";
  socket.setEncoding("latin1").on("data", (part) => {
    text += part;
  });
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => socket.write(bytes, "latin1", resolve));
  await options.whenSent?.();
  if (options.whenSent !== undefined) socket.destroy();
  await closed;
  return text;
}
