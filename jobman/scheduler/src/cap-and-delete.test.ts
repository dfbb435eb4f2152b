import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFakeEngine, type FakeEngine } from "./testing/fake-engine.ts";
import { type Ask, makeSchedulerBed, type SchedulerBed } from "./testing/scheduler-bed.ts";
import { inState, submit } from "./testing/steps.ts";
import { until } from "./testing/until.ts";

let engine: FakeEngine;
let bed: SchedulerBed;
let alice: Ask;
let bob: Ask;

const command = { arguments: ["true"] };

beforeEach(async () => {
  engine = createFakeEngine(Date.now);
  bed = await makeSchedulerBed({ engine, users: ["alice", "bob", "carol"] });
  alice = bed.as("alice");
  bob = bed.as("bob");
});
afterEach(() => bed.dispose());

describe("the cap of one active job a user", () => {
  test("refuses a second job over all flavors and names the first", async () => {
    const { name } = await submit(alice);
    const { status, body } = await alice("POST", "/v1/jobs", { ...command, flavor: "short" });
    expect([status, body.code]).toEqual([409, "USER_LIMIT"]);
    expect(body.message).toContain(name);
    expect(body.hint).toContain(`jobman delete -j ${name}`);
  });

  test("holds for requests that come together", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => alice("POST", "/v1/jobs", command)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(engine.jobs.size).toBe(1);
  });

  test("frees the place with the job's end", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await submit(alice);
  });
});

describe("deleting", () => {
  test("ends an active job, keeps its record, and frees the user's place", async () => {
    const { name } = await submit(alice, { name: "mine" });
    await inState(alice, name, "running");
    const { status, body } = await alice("DELETE", "/v1/jobs/mine");
    expect([status, body.state, body.reason, body.exitCode]).toEqual([200, "deleted", "DeletedByUser", 143]);
    expect((await alice("POST", "/v1/jobs", { ...command, name: "mine" })).body).toMatchObject({
      code: "NAME_TAKEN",
      hint: expect.stringContaining("jobman delete -j mine"),
    });
    await submit(alice, { name: "other" });
  });

  test("removes an ended job with its record and its container, for good", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await alice("DELETE", `/v1/jobs/${name}`);
    expect((await alice("GET", `/v1/jobs/${name}`)).status).toBe(404);
    await until("the container is gone", () => !engine.jobs.has(id));
    await bed.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toEqual([]);
  });

  test("removes a waiting job at once", async () => {
    const first = await submit(alice, { flavor: "short" });
    const waiting = await submit(bob, { flavor: "short" });
    const { body } = await bob("DELETE", `/v1/jobs/${waiting.name}`);
    expect(body).toMatchObject({ state: "deleted", message: "deleted: by you before it started" });
    expect([...engine.jobs.keys()]).toEqual([first.id]);
  });

  test("waits for a job that takes its grace, and all are deleted with one request", async () => {
    engine.stubborn = true;
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await alice("DELETE", "/v1/jobs");
    expect(body.jobs).toMatchObject([{ name, state: "deleted" }]);
  });

  test("leaves no container when all are deleted while the end of one is still under way", async () => {
    const ended = Promise.withResolvers<void>();
    const { end } = engine;
    // The engine tells of the end before it answers the request for it.
    engine.end = async (id, options) => {
      await end(id, options);
      if (options.keep) await ended.promise;
    };
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    await alice("DELETE", `/v1/jobs/${name}`);
    await alice("DELETE", "/v1/jobs");
    expect((await alice("GET", "/v1/jobs")).body.jobs).toEqual([]);
    ended.resolve();
    await until("the container is gone", () => !engine.jobs.has(id));
  });

  test("is one act when it is asked for many times while it is under way", async () => {
    engine.stubborn = true;
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    const path = `/v1/jobs/${name}`;
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice("DELETE", path)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.state}`))).toEqual(
      new Set(["200 deleted"]),
    );
    expect(engine.jobs.get(id)?.phase).toBe("ended");
  });

  test("is the operator's right, too, and the job says so", async () => {
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await bed.asOperator("DELETE", `/v1/users/alice/jobs/${name}`);
    expect(body).toMatchObject({ reason: "DeletedByOperator" });
  });
});
