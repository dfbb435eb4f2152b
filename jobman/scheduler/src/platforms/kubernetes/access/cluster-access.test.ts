import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../../testing/until.ts";
import { type AccessFixture, startAccessFixture, user } from "../testing/access-fixture.ts";
import { scriptReview } from "../testing/scripted-review.ts";

const anna = "user-anna.good";
const ben = "user-ben.good";

const script = scriptReview();
let scheduler: AccessFixture;
let asked = 0;
beforeAll(async () => {
  scheduler = await startAccessFixture({ review: script.review });
});
afterAll(() => scheduler[Symbol.asyncDispose]());
beforeEach(() => {
  script.asked = [];
});

/** An address of its own for a test, whose allowances are whole. */
function newAddress(): string {
  asked += 1;
  return `127.0.1.${asked}`;
}

test("each token's owner sees the own jobs alone", async () => {
  const submitted = await scheduler.ask(anna, { method: "POST", body: { name: "mine", arguments: ["ls"] } });
  expect(submitted.status).toBe(201);
  expect((await scheduler.ask(anna)).body.jobs).toMatchObject([{ name: "mine" }]);
  expect((await scheduler.ask(ben)).body.jobs).toEqual([]);
  expect((await scheduler.ask(ben, { path: "/v1/jobs/mine" })).status).toBe(404);
});

test("a token that is known is not asked about again, until a minute is over", async () => {
  const token = "user-anna.1.good";
  scheduler.users.set("anna.1", user("anna"));
  await Promise.all(Array.from({ length: 6 }, () => scheduler.ask(token)));
  await scheduler.ask(token);
  expect(script.asked).toEqual([token]);
  scheduler.world.ahead += 61_000;
  expect((await scheduler.ask(token)).status).toBe(200);
  expect(script.asked).toHaveLength(2);
});

test("who is no user any more is refused at once, whatever is known of the token", async () => {
  scheduler.users.set("zoe", user("zoe"));
  expect((await scheduler.ask("user-zoe.good")).status).toBe(200);
  scheduler.users.delete("zoe");
  expect(await scheduler.ask("user-zoe.good")).toMatchObject({ status: 403, body: { code: "NOT_ALLOWED" } });
});

test.each([
  ["no header", {}, "no token says who is asking"],
  ["an empty one", { authorization: "" }, "no single token"],
  ["another scheme", { authorization: `Basic ${anna}` }, "no single token"],
  ["a token alone", { authorization: anna }, "no single token"],
  ["two tokens in one", { authorization: `Bearer ${anna} ${ben}` }, "no single token"],
  ["two headers", { authorization: [`Bearer ${anna}`, `Bearer ${ben}`] }, "no single token"],
  ["a comma", { authorization: `Bearer ${anna},Bearer ${ben}` }, "no single token"],
  ["other letters", { authorization: "Bearer käse.good" }, "no single token"],
  ["a very long one", { authorization: `Bearer ${"a".repeat(9000)}` }, "no single token"],
])("%s is nobody's, and the cluster is not asked", async (_, headers, message) => {
  const answer = await scheduler.ask(undefined, { headers });
  expect(answer).toMatchObject({ status: 401, body: { code: "NOT_AUTHENTICATED" } });
  expect(answer.headers["www-authenticate"]).toBe("Bearer");
  expect(answer.body.message).toContain(message);
  expect(script.asked).toEqual([]);
});

test("the scheme's name may be written as anybody likes", async () => {
  expect((await scheduler.ask(undefined, { headers: { authorization: `bEARER  ${anna}` } })).status).toBe(
    200,
  );
});

test("headers beyond all measure are refused before they are understood", async () => {
  const headers = { "x-large": "a".repeat(20_000) };
  expect((await scheduler.ask(anna, { headers })).status).toBe(431);
});

test("a cluster that cannot be asked makes nobody a stranger: try again", async () => {
  script.broken = true;
  const answer = await scheduler.ask("user-anna.2.good", { from: newAddress() });
  expect(answer).toMatchObject({ status: 503, body: { code: "AUTHENTICATION_UNAVAILABLE" } });
  expect(answer.headers["retry-after"]).toBe("1");
  expect((await scheduler.ask(anna)).status).toBe(200);
  scheduler.users.set("anna.2", user("anna"));
  script.broken = false;
  expect((await scheduler.ask("user-anna.2.good", { from: newAddress() })).status).toBe(200);
});

test("a flood of tokens that nobody knows reaches the cluster as a trickle, and keeps no user out", async () => {
  const from = newAddress();
  await scheduler.ask(anna, { from });
  script.asked = [];
  const startedAt = performance.now();
  const statuses: number[] = [];
  for (let round = 0; round < 8; round += 1) {
    const flood = Array.from({ length: 12 }, (_, each) => scheduler.ask(`bad.${round}.${each}`, { from }));
    expect((await scheduler.ask(anna, { from })).status).toBe(200);
    for (const { status } of await Promise.all(flood)) statuses.push(status);
  }
  // Thirty at once, and one more each second.
  expect(script.asked.length).toBeLessThanOrEqual(31 + (performance.now() - startedAt) / 1000);
  expect(statuses.filter((status) => status === 429)).toHaveLength(96 - script.asked.length);
  expect((await scheduler.ask(ben, { from: newAddress() })).status).toBe(200);
});

test("one bad token again and again is asked about once in ten seconds", async () => {
  const from = newAddress();
  for (let round = 0; round < 5; round += 1) {
    expect((await scheduler.ask("bad.again", { from })).status).toBe(401);
  }
  expect(script.asked).toEqual(["bad.again"]);
});

test("no more than eight tokens of an address are asked about at a time", async () => {
  const from = newAddress();
  const { promise, resolve } = Promise.withResolvers<void>();
  script.held = promise;
  const waiting = Array.from({ length: 9 }, (_, each) => scheduler.ask(`bad.slow.${each}`, { from }));
  expect((await Promise.race(waiting)).status).toBe(429);
  expect(script.asked).toHaveLength(8);
  resolve();
  script.held = undefined;
  await Promise.all(waiting);
});

test("whoever goes away before being recognized takes nothing of the user's allowance", async () => {
  const names = Array.from({ length: 8 }, (_, each) => `anna.${each}`);
  for (let round = 0; round < 9; round += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    Object.assign(script, { held: promise, asked: [] });
    const gone = new AbortController();
    const options = { from: newAddress(), signal: gone.signal };
    const leaving = names.map((name) => {
      scheduler.users.set(`${name}.${round}`, user("anna"));
      return scheduler.ask(`user-${name}.${round}.good`, options);
    });
    const left = Promise.allSettled(leaving);
    await until("all are asked about", () => script.asked.length === names.length);
    gone.abort();
    await left;
    // What came before this answer, their leaving too, was seen.
    await scheduler.ask(anna);
    resolve();
    script.held = undefined;
  }
  const together = await Promise.all(names.map(() => scheduler.ask(anna)));
  expect(together.map(({ status }) => status)).toEqual(names.map(() => 200));
});

test("refusals are counted by reason and told rarely, without what was sent", async () => {
  const before = scheduler.access.refusals().get("invalid") ?? 0;
  const secret = "c2VjcmV0LXRva2Vu";
  for (let round = 0; round < 3; round += 1) await scheduler.ask(secret, { from: newAddress() });
  expect(scheduler.access.refusals().get("invalid")).toBe(before + 3);
  const told = scheduler.log.filter((line) => line.includes("the token is not good"));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(4);
  for (const token of [secret, anna, ben]) expect(scheduler.log.join("")).not.toContain(token);
});
