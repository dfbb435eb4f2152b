import { setTimeout as pause } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { FakeEngine } from "../testing/fake-engine.ts";
import type { Ask } from "../testing/scheduler-fixture.ts";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const test = schedulerTest();

/** A job whose start the engine has promised, and that waits for its image. */
async function admittedJob(engine: FakeEngine, alice: Ask, flavor: string) {
  engine.pulling = true;
  const job = await submit(alice, { flavor });
  await inState(alice, job.name, "starting");
  await until("it was admitted", () => engine.admitted.has(job.id));
  return job;
}

describe("a job that was admitted", () => {
  test("is starting until it is seen to run, and its time limit counts from there", async ({
    clock,
    engine,
    fixture,
    alice,
  }) => {
    const { id, name } = await admittedJob(engine, alice, "short");
    const waits = (await alice("GET", `/v1/jobs/${name}`)).body;
    expect(waits).toMatchObject({ state: "starting", message: "starting: its container is being started" });
    expect([waits.startedAt, waits.deadlineAt]).toEqual([undefined, undefined]);
    const minutes = 5 * 60_000;
    clock.ahead = minutes;
    const startedAt = Date.now() + minutes;
    engine.run(id, { startedAt });
    const runs = await inState(alice, name, "running");
    expect([runs.startedAt, runs.deadlineAt].map((each) => Date.parse(each ?? ""))).toEqual([
      startedAt,
      startedAt + 2000,
    ]);
    expect((await fixture.asOperator("GET", "/metrics")).text).toMatch(
      /jobman_admission_seconds_bucket\{le="60",flavor="short"\} 0\njobman_admission_seconds_bucket\{le="600",flavor="short"\} 1/,
    );
    expect(await inState(alice, name, "expired")).toMatchObject({ startedAt: runs.startedAt });
  });

  test("that cannot start says so to whoever follows it, once, however often the engine tries", async ({
    engine,
    alice,
  }) => {
    const { id, name } = await admittedJob(engine, alice, "long");
    const watching = alice("GET", `/v1/jobs/${name}/watch`);
    await pause(300); // it is told how things stand, and then what changes
    engine.struggle(id, "its image x:1 cannot be pulled: not found");
    engine.struggle(id, "its image x:1 cannot be pulled: back-off");
    await until(
      "it is told",
      async () => (await alice("GET", `/v1/jobs/${name}`)).body.warning !== undefined,
    );
    engine.run(id);
    engine.finish(id, 0);
    const told = (await watching).text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const warnings = new Set(told.filter(({ state }) => state === "starting").map(({ warning }) => warning));
    expect(warnings).toEqual(new Set([undefined, "it cannot start: its image x:1 cannot be pulled"]));
    expect(told.at(-1)).toMatchObject({ state: "succeeded" });
    expect(told.at(-1)).not.toHaveProperty("warning");
  });

  test("is seen to run by a later list when the news of its start were lost", async ({ engine, alice }) => {
    const { id, name } = await admittedJob(engine, alice, "long");
    const startedAt = Date.now();
    engine.run(id, { startedAt, untold: true });
    engine.resend();
    expect(Date.parse((await inState(alice, name, "running")).startedAt ?? "")).toBe(startedAt);
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
  });

  test("is admitted again when a later list shows that the engine lost its start", async ({
    engine,
    alice,
  }) => {
    const { id, name } = await admittedJob(engine, alice, "long");
    engine.pulling = false;
    engine.resend();
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
  });

  test("can be deleted before it runs", async ({ engine, alice, bob }) => {
    const { id, name } = await admittedJob(engine, alice, "short");
    const next = await submit(bob, { flavor: "short" });
    expect(next.state).toBe("queued");
    engine.pulling = false;
    expect((await alice("DELETE", `/v1/jobs/${name}`)).body).toMatchObject({ state: "deleted" });
    expect(engine.jobs.has(id)).toBe(false);
    await inState(bob, next.name, "running");
  });
});
