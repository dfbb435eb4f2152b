import fc from "fast-check";
import { expect, test } from "vitest";
import { assertProperty } from "../queue/testing/assert-property.ts";
import { pass } from "../queue/testing/faulty-engine.ts";
import { crash, createWorld, type World } from "../testing/world.ts";
import { serve, setSlots, takeStep, type WorldStep, worldHistories } from "../testing/world-history.ts";
import { checkMoment, checkRest, type Onlooker } from "../testing/world-invariants.ts";

test("the scheduler's own code keeps the queue's rules in every history of crashes and of what was on its way", async () => {
  const property = fc.asyncProperty(worldHistories, async (history) => void (await live(history)));
  await assertProperty("real histories", property, 600);
}, 60_000);

test("the histories are rich: in them jobs end in every way that a queue knows", async () => {
  const seen = new Set<string>();
  const collect = fc.asyncProperty(worldHistories, async (history) => {
    for (const { reason } of endsOf(await live(history)).values()) seen.add(reason);
  });
  await fc.assert(collect, { seed: 1, numRuns: 400 });
  expect([...seen].sort()).toEqual([
    "Completed",
    "ContainerRemoved",
    "DeadlineExceeded",
    "DeletedByOperator",
    "DeletedByUser",
    "NodeLost",
    "StartFailed",
  ]);
}, 60_000);

interface History {
  readonly cap: number;
  readonly steps: readonly WorldStep[];
}

/** Lives through the history, then until all has come to rest, and once more through a restart. */
async function live({ cap, steps }: History): Promise<World> {
  const world = await createWorld(cap);
  const onlooker: Onlooker = { ceilings: new Map(), stopped: new Map() };
  for (const [place, each] of steps.entries()) {
    await takeStep(world, each, place);
    checkMoment(world, onlooker);
  }
  await comeToRest(world, onlooker);
  checkRest(world, onlooker);
  const before = endsOf(world);
  await crash(world, false);
  expect(endsOf(world)).toEqual(before);
  return world;
}

function endsOf({ scheduler }: World) {
  const { records } = scheduler.core;
  const all = [...records.active(), ...records.ended()];
  return new Map(all.map(({ spec, state, reason, exitCode }) => [spec.id, { state, reason, exitCode }]));
}

/** The faults end: every request and message arrives, and time passes until nothing is left to do. */
async function comeToRest(world: World, onlooker: Onlooker): Promise<void> {
  await takeStep(world, { kind: "arrive late", lost: false }, 0);
  for (const { name, usableSlots } of world.flavors) setSlots(world, name, Math.max(1, usableSlots));
  // Starts that follow each other put removals off, by half a minute at most.
  const rounds = 40 + 4 * world.wire.engine.containers.size;
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ["relist", "cycle", "flush", "sweep"] as const) {
      await takeStep(world, { kind }, 0);
      while (world.scheduler.calls.length > 0 && round % 2 === 0) {
        const waiting = world.scheduler.calls.length;
        for (let served = 0; served < waiting; served += 1) serve(world, 0, "none");
        await takeStep(world, { kind: "flush" }, 0);
        pass(world.wire.engine, 1000);
      }
      checkMoment(world, onlooker);
    }
    pass(world.wire.engine, 31_000);
  }
}
