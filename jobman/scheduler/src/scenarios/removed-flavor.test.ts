import { afterEach, beforeEach, expect, test } from "vitest";
import { createFakeEngine, type FakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerFixture, type SchedulerFixture } from "../testing/scheduler-fixture.ts";
import { inState, submit } from "../testing/steps.ts";

let engine: FakeEngine;
let fixture: SchedulerFixture;
const offered = { short: true };

beforeEach(async () => {
  offered.short = true;
  engine = createFakeEngine(Date.now);
  fixture = await makeSchedulerFixture({
    engine,
    users: ["alice", "bob"],
    site: (text) => (offered.short ? text : text.replace(/^.*name: short.*\n/m, "")),
  });
});
afterEach(() => fixture.dispose());

test("when a flavor is removed, what waits for it ends and reads which flavors there are; what runs goes on", async () => {
  const [alice, bob] = [fixture.as("alice"), fixture.as("bob")];
  const running = await submit(alice, { flavor: "short" });
  await inState(alice, running.name, "running");
  const waiting = await submit(bob, { flavor: "short" });
  await fixture.restart(() => {
    offered.short = false;
  });
  const told = {
    reason: "FlavorRemoved",
    message:
      "failed: the flavor short is no longer offered; submit it with another one: no-gpu, long, small-gpu",
  };
  expect(await inState(bob, waiting.name, "failed")).toMatchObject(told);
  expect(engine.jobs.has(waiting.id)).toBe(false);
  // With the flavor back, too, the end stays what it was.
  await fixture.restart(() => {
    offered.short = true;
  });
  expect((await bob("GET", `/v1/jobs/${waiting.name}`)).body).toMatchObject({ reason: "FlavorRemoved" });
  expect(await inState(alice, running.name, "expired")).toMatchObject({ reason: "DeadlineExceeded" });
});

test("the reason is written before the container goes: a crash between the two does not blame somebody else", async () => {
  const [alice, bob] = [fixture.as("alice"), fixture.as("bob")];
  await submit(alice, { flavor: "short" });
  const waiting = await submit(bob, { flavor: "short" });
  const end = engine.end;
  engine.end = () => Promise.reject(new Error("the engine is away"));
  await fixture.restart(() => {
    offered.short = false;
  });
  await fixture.restart(() => engine.vanish(waiting.id));
  engine.end = end;
  expect(await inState(bob, waiting.name, "failed")).toMatchObject({ reason: "FlavorRemoved" });
});
