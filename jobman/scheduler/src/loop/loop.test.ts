import { setImmediate as settled } from "node:timers/promises";
import { expect, test } from "vitest";
import { pass } from "../queue/testing/faulty-engine.ts";
import { listJobs } from "../testing/pending-engine.ts";
import { createWorld, flush, submit, type World } from "../testing/world.ts";
import { observe, runCycle } from "./loop.ts";

/** A scheduler that took so many jobs, whose ids it answers; nothing was started yet. */
async function withJobs(count: number): Promise<{ readonly world: World; readonly ids: readonly string[] }> {
  const world = await createWorld(3);
  for (let place = 0; place < count; place += 1) {
    submit(world, { owner: `user-${place}`, flavor: "no-gpu", name: `job-${place}`, run: 1000 });
    await settle(world);
  }
  const ids = [...world.promised];
  runCycle(world.scheduler.core);
  return { world, ids };
}

/** All that is on its way arrives. */
async function settle(world: World): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await settled();
    for (const call of world.scheduler.calls.splice(0)) call.serve("none");
    await settled();
    await flush(world);
  }
}

test("what the engine says of a job before its owner is told is parked, and taken up by the next look", async () => {
  const world = await createWorld(1);
  const { core, calls } = world.scheduler;
  submit(world, { owner: "ada", flavor: "no-gpu", name: "early", run: 1000 });
  await settled();
  for (const call of calls.splice(0)) call.serve("none");
  const [job] = listJobs(world.wire.engine);
  if (job === undefined) throw new Error("the engine has no job");
  observe(core, { kind: "changed", job: { ...job, phase: "running", startedAt: 5 } });
  runCycle(core);
  expect([core.records.get(job.spec.id), core.inFlight.has(job.spec.id)]).toEqual([undefined, true]);
  await settle(world);
  expect(core.records.get(job.spec.id)?.state).toBe("queued");
  runCycle(core);
  expect(core.records.get(job.spec.id)).toMatchObject({ state: "running", startedAt: 5 });
});

test("a list that was asked for before a job was accepted does not end it, however long its making took", async () => {
  const world = await createWorld(1);
  const { core, calls } = world.scheduler;
  submit(world, { owner: "ada", flavor: "no-gpu", name: "slow", run: 1000 });
  await settled();
  const asOf = core.now();
  pass(world.wire.engine, 40_000);
  calls.shift()?.serve("none");
  await settle(world);
  runCycle(core);
  const [id = ""] = world.promised;
  observe(core, { kind: "snapshot", asOf, jobs: [] });
  expect(core.records.get(id)?.state).toBe("starting");
  pass(world.wire.engine, 1);
  observe(core, { kind: "snapshot", asOf: core.now(), jobs: [] });
  expect(core.records.get(id)?.reason).toBe("ContainerRemoved");
});

test("what a list says of a job before its owner is told is parked, and taken up by the next look", async () => {
  const world = await createWorld(1);
  const { core, calls } = world.scheduler;
  submit(world, { owner: "ada", flavor: "no-gpu", name: "early", run: 1000 });
  await settled();
  calls.shift()?.serve("none");
  const [job] = listJobs(world.wire.engine);
  if (job === undefined) throw new Error("the engine has no job");
  observe(core, { kind: "snapshot", asOf: core.now(), jobs: [{ ...job, phase: "running", startedAt: 5 }] });
  expect(core.records.get(job.spec.id)).toBeUndefined();
  await settle(world);
  expect(core.records.get(job.spec.id)?.state).toBe("queued");
  runCycle(core);
  expect(core.records.get(job.spec.id)).toMatchObject({ state: "running", startedAt: 5 });
});

test("the end of a job whose start is in flight waits for the answer", async () => {
  const { world, ids } = await withJobs(1);
  const { core, calls } = world.scheduler;
  const [id = ""] = ids;
  expect([core.inFlight.count("admitting"), calls.length]).toEqual([1, 1]);
  const asked = core.records.askStop([id], "user");
  await settled();
  await flush(world);
  await asked;
  runCycle(core);
  await settled();
  expect([core.inFlight.count("ending"), calls.length]).toEqual([0, 1]);
  await settle(world);
  runCycle(core);
  expect(core.inFlight.count("ending")).toBe(1);
});

test("few containers are removed at once, and each one's place goes to the next", async () => {
  const world = await createWorld(1);
  const { core, calls } = world.scheduler;
  core.records.giveUp(["a", "b", "c", "d", "e", "f"]);
  runCycle(core);
  runCycle(core);
  expect([core.inFlight.count("removing"), calls.length]).toEqual([4, 4]);
  calls.shift()?.serve("none");
  await settled();
  runCycle(core);
  expect([core.inFlight.has("a"), core.inFlight.has("e"), core.inFlight.has("f")]).toEqual([
    false,
    true,
    false,
  ]);
});
