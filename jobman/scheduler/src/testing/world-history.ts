import { setImmediate as settled } from "node:timers/promises";
import fc from "fast-check";
import { observe, runCycle } from "../loop/loop.ts";
import type { EngineJob } from "../platforms/engine.ts";
import { loseNode, pass, prune, type StartFault } from "../queue/testing/faulty-engine.ts";
import { deliverLate, eventOf, listJobs } from "./pending-engine.ts";
import { crash, flush, remove, submit, sweep, type World, worldFlavors } from "./world.ts";

const index = fc.nat(50);
const flavor = fc.constantFrom(...worldFlavors);
const fault: fc.Arbitrary<StartFault> = fc.oneof(
  { weight: 5, arbitrary: fc.constant("none" as const) },
  { weight: 2, arbitrary: fc.constantFrom("answer lost", "request lost", "late", "refused") },
);
const users = fc.oneof(
  fc.record({
    kind: fc.constant("submit" as const),
    owner: fc.constantFrom("ada", "ben", "eve", "kim"),
    flavor,
    run: fc.integer({ min: 0, max: 45 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), index, author: fc.constantFrom("user", "operator") }),
);
const moves = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("serve" as const), index, fault }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("flush" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("cycle" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("deliver" as const), index, keep: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("pass" as const),
      milliseconds: fc.integer({ min: 0, max: 20_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("relist" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const) }) },
);
const rare = fc.oneof(
  fc.record({ kind: fc.constant("lose message" as const), index }),
  fc.record({ kind: fc.constant("arrive late" as const), lost: fc.boolean() }),
  fc.record({ kind: fc.constant("slots" as const), flavor, slots: fc.integer({ min: 0, max: 3 }) }),
  fc.constantFrom({ kind: "prune" as const }, { kind: "lose node" as const }, { kind: "shorten" as const }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: users },
  { weight: 20, arbitrary: moves },
  { weight: 2, arbitrary: rare },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("crash" as const), lost: fc.boolean() }) },
);

/** One thing that happens to users, engine, disk or scheduler. */
export type WorldStep = typeof step extends fc.Arbitrary<infer T> ? T : never;

export const worldHistories = fc.record({
  cap: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { maxLength: 120, size: "max" }),
});

/** Lets one step happen and all that follows from it by itself; `place` is its place in the history. */
export async function takeStep(world: World, each: WorldStep, place: number): Promise<void> {
  await (isOurs(each) ? takeOurs(world, each) : takeOthers(world, each, place));
  await settled();
}

const ours = ["serve", "flush", "cycle", "deliver", "relist", "sweep", "shorten"] as const;
type OurStep = Extract<WorldStep, { kind: (typeof ours)[number] }>;

function isOurs(each: WorldStep): each is OurStep {
  return (ours as readonly string[]).includes(each.kind);
}

async function takeOurs(world: World, each: OurStep): Promise<void> {
  const { core } = world.scheduler;
  switch (each.kind) {
    case "serve":
      serve(world, each.index, each.fault);
      break;
    case "flush":
      await flush(world);
      break;
    case "cycle":
      runCycle(core);
      break;
    case "deliver":
      deliver(world, each.index, each.keep);
      break;
    case "relist":
      observe(core, { kind: "snapshot", ...listNow(world) });
      break;
    case "sweep":
      sweep(world);
      break;
    case "shorten":
      await core.records.reopen();
  }
}

async function takeOthers(
  world: World,
  each: Exclude<WorldStep, OurStep> | WorldStep,
  place: number,
): Promise<void> {
  const { engine } = world.wire;
  switch (each.kind) {
    case "submit":
      submit(world, { ...each, name: `job-${place}`, run: each.run * 1000 });
      break;
    case "delete":
      remove(world, each.index, each.author);
      break;
    case "pass":
      pass(engine, each.milliseconds);
      break;
    case "lose message":
      engine.messages.splice(each.index % Math.max(1, engine.messages.length), 1);
      break;
    case "arrive late":
      deliverLate(world.wire, each.lost);
      break;
    case "crash":
      await crash(world, each.lost);
      break;
    case "slots":
      setSlots(world, each.flavor, each.slots);
      break;
    case "prune":
      prune(engine);
      break;
    case "lose node":
      loseNode(engine);
  }
}

/** One request that is on its way arrives. */
export function serve(world: World, place: number, how: StartFault): void {
  const { calls } = world.scheduler;
  const [call] = calls.splice(place % Math.max(1, calls.length), 1);
  call?.serve(how);
}

function deliver({ wire: { engine }, scheduler }: World, place: number, keep: boolean): void {
  const at = place % Math.max(1, engine.messages.length);
  const message = engine.messages[at];
  const event = message === undefined ? undefined : eventOf(engine, message);
  if (!keep) engine.messages.splice(at, 1);
  if (event !== undefined) observe(scheduler.core, event);
}

export function setSlots(world: World, name: string, slots: number): void {
  for (const each of world.flavors) if (each.name === name) each.usableSlots = slots;
}

/** The full list as an engine gives it at this moment. */
function listNow({ wire: { engine } }: World): {
  readonly asOf: number;
  readonly jobs: readonly EngineJob[];
} {
  return { asOf: engine.now, jobs: listJobs(engine) };
}
