import fc from "fast-check";
import {
  askToStop,
  type CrashingScheduler,
  crash,
  deliver,
  relist,
  runCycle,
  submit,
} from "./crashing-scheduler.ts";
import { arriveLate, loseNode, pass, prune, type StartFault } from "./faulty-engine.ts";
import { makeSpec } from "./make-job.ts";

export const flavorNames = ["no-gpu", "small-gpu", "large-gpu"] as const;
const flavor = fc.constantFrom(...flavorNames);

const submission = fc.record({
  kind: fc.constant("submit" as const),
  owner: fc.constantFrom("ada", "ben", "eve", "kim", "leo"),
  flavor,
  limit: fc.integer({ min: 1, max: 60 }),
  run: fc.integer({ min: 0, max: 90 }),
  checked: fc.boolean(),
});
const startFault: fc.Arbitrary<StartFault> = fc.oneof(
  { weight: 5, arbitrary: fc.constant("none" as const) },
  { weight: 4, arbitrary: fc.constantFrom("answer lost", "request lost", "late", "refused") },
);
const cycle = fc.record({
  kind: fc.constant("cycle" as const),
  faults: fc.array(startFault, { minLength: 1, maxLength: 4 }),
  grace: fc.integer({ min: 0, max: 5000 }),
});
const others = fc.oneof(
  fc.record({ kind: fc.constant("pass" as const), milliseconds: fc.integer({ min: 0, max: 40_000 }) }),
  fc.record({ kind: fc.constant("deliver" as const), index: fc.nat(50), keep: fc.boolean() }),
  fc.record({ kind: fc.constant("lose message" as const), index: fc.nat(50) }),
  fc.record({ kind: fc.constant("relist" as const) }),
  fc.record({ kind: fc.constant("arrive late" as const), lost: fc.boolean() }),
  fc.record({
    kind: fc.constant("stop" as const),
    index: fc.nat(50),
    cause: fc.constantFrom("user", "operator"),
  }),
);
const rare = fc.oneof(
  fc.record({ kind: fc.constant("crash" as const), lost: fc.boolean() }),
  fc.record({ kind: fc.constant("slots" as const), flavor, slots: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant("prune" as const) }),
  fc.record({ kind: fc.constant("lose node" as const) }),
);
const step = fc.oneof(
  { weight: 6, arbitrary: submission },
  { weight: 6, arbitrary: cycle },
  { weight: 8, arbitrary: others },
  { weight: 1, arbitrary: rare },
);

/** One thing that happens. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Random histories of users, engines and faults. */
export const histories = fc.record({
  cap: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { maxLength: 150, size: "max" }),
});

/** Lets one step happen; `index` is its place in the history. */
export function take(scheduler: CrashingScheduler, each: Step, index: number): void {
  switch (each.kind) {
    case "submit":
      takeSubmission(scheduler, each, index);
      break;
    case "cycle":
      takeCycle(scheduler, each);
      break;
    case "stop":
      takeStop(scheduler, each);
      break;
    case "deliver":
      deliver(scheduler, each.index, each.keep);
      break;
    case "relist":
      relist(scheduler);
      break;
    case "crash":
      crash(scheduler, each.lost);
      break;
    case "slots":
      scheduler.slots.set(each.flavor, each.slots);
      break;
    default:
      takeEngineStep(scheduler, each);
  }
}

function takeEngineStep({ engine }: CrashingScheduler, each: Step): void {
  switch (each.kind) {
    case "pass":
      pass(engine, each.milliseconds);
      break;
    case "lose message":
      engine.messages.splice(each.index % Math.max(1, engine.messages.length), 1);
      break;
    case "arrive late":
      arriveLate(engine, each.lost);
      break;
    case "prune":
      prune(engine);
      break;
    case "lose node":
      loseNode(engine);
      break;
  }
}

function takeCycle(scheduler: CrashingScheduler, { faults, grace }: Step & { kind: "cycle" }): void {
  runCycle(scheduler, { fault: (request) => faults[request % faults.length] ?? "none", grace });
}

function takeSubmission(scheduler: CrashingScheduler, each: Step & { kind: "submit" }, index: number): void {
  const { owner, limit, run, checked } = each;
  const spec = makeSpec({ sequence: index + 1, owner, flavor: each.flavor, timeLimitSeconds: limit });
  submit(scheduler, spec, { runMilliseconds: run * 1000, checked });
}

function takeStop(scheduler: CrashingScheduler, { index, cause }: Step & { kind: "stop" }): void {
  const ids = [...scheduler.records.keys()];
  const id = ids[index % Math.max(1, ids.length)];
  if (id !== undefined) askToStop(scheduler, id, cause);
}
