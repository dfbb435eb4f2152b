import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const test = schedulerTest();

const command = { arguments: ["true"] };

describe("the cap of one active job a user", () => {
  test("refuses a second job over all flavors and names the first", async ({ alice }) => {
    const { name } = await submit(alice);
    const { status, body } = await alice("POST", "/v1/jobs", { ...command, flavor: "short" });
    expect([status, body.code]).toEqual([409, "USER_LIMIT"]);
    expect(body.message).toContain(name);
    expect(body.hint).toContain(`jobman delete -j ${name}`);
  });

  test("holds for requests that come together", async ({ engine, alice }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => alice("POST", "/v1/jobs", command)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(engine.jobs.size).toBe(1);
  });

  test("frees the place with the job's end", async ({ engine, alice }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await submit(alice);
  });
});

describe("deleting", () => {
  test("ends an active job, keeps its record, and frees the user's place", async ({ alice }) => {
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

  test("removes an ended job with its record and its container, for good", async ({
    engine,
    fixture,
    alice,
  }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await alice("DELETE", `/v1/jobs/${name}`);
    expect((await alice("GET", `/v1/jobs/${name}`)).status).toBe(404);
    await until("the container is gone", () => !engine.jobs.has(id));
    await fixture.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toEqual([]);
  });

  test("removes a waiting job at once", async ({ engine, alice, bob }) => {
    const first = await submit(alice, { flavor: "short" });
    const waiting = await submit(bob, { flavor: "short" });
    const { body } = await bob("DELETE", `/v1/jobs/${waiting.name}`);
    expect(body).toMatchObject({ state: "deleted", message: "deleted: by you before it started" });
    expect([...engine.jobs.keys()]).toEqual([first.id]);
  });

  test("waits for a job that takes its grace, and all are deleted with one request", async ({
    engine,
    alice,
  }) => {
    engine.stubborn = true;
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await alice("DELETE", "/v1/jobs");
    expect(body.jobs).toMatchObject([{ name, state: "deleted" }]);
  });

  test("leaves no container when all are deleted while the end of one is still under way", async ({
    engine,
    alice,
  }) => {
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

  test("is one act when it is asked for many times while it is under way", async ({ engine, alice }) => {
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

  test("is the operator's right, too, and the job says so", async ({ fixture, alice }) => {
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await fixture.asOperator("DELETE", `/v1/users/alice/jobs/${name}`);
    expect(body).toMatchObject({ reason: "DeletedByOperator" });
  });
});
