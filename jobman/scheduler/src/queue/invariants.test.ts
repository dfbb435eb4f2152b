import fc from "fast-check";
import { expect, test } from "vitest";
import { assertProperty } from "./testing/assert-property.ts";
import { type CrashingScheduler, relist, runCycle } from "./testing/crashing-scheduler.ts";
import { arriveLate, createEngine, pass } from "./testing/faulty-engine.ts";
import { flavorNames, histories, type Step, take } from "./testing/history.ts";
import { checkCycle, checkReality, checkRest } from "./testing/invariants.ts";

test("the queue keeps its rules in every history of crashes, delays, and lost and doubled messages", () => {
  assertProperty(
    "queue invariants",
    fc.property(histories, (history) => void live(history)),
    400,
  );
});

test("the histories are rich: in them jobs succeed, expire, are deleted and fail for several reasons", () => {
  const seen = new Set<string>();
  const collect = fc.property(histories, (history) => {
    for (const { reason } of live(history).records.values()) seen.add(reason);
  });
  fc.assert(collect, { seed: 1, numRuns: 60 });
  expect([...seen].sort()).toEqual([
    "Completed",
    "ContainerRemoved",
    "DeadlineExceeded",
    "DeletedByOperator",
    "DeletedByUser",
    "NodeLost",
    "StartFailed",
  ]);
});

interface History {
  readonly cap: number;
  readonly steps: readonly Step[];
}

/** Lives through the history, then until all has come to rest, and throws at the first broken rule. */
function live({ cap, steps }: History): CrashingScheduler {
  const scheduler = createScheduler(cap);
  const ceilings = new Map<string, number>();
  steps.forEach((each, index) => {
    take(scheduler, each, index);
    checkReality(scheduler, ceilings);
  });
  comeToRest(scheduler, () => checkReality(scheduler, ceilings));
  checkRest(scheduler);
  return scheduler;
}

function createScheduler(cap: number): CrashingScheduler {
  const seenStarted = new Set<string>();
  return {
    engine: createEngine(),
    cap,
    slots: new Map(flavorNames.map((name, index) => [name, index + 1])),
    records: new Map(),
    journal: new Map(),
    seenStarted,
    observe: (snapshot, decisions) => {
      checkCycle(snapshot, decisions);
      const again = decisions.find(({ kind, id }) => kind === "admit" && seenStarted.has(id));
      if (again !== undefined) throw new Error(`${again.id}: admitted, though it was seen to have started`);
    },
  };
}

/** The faults end: every request and message arrives, and time passes until nothing is left to do. */
function comeToRest(scheduler: CrashingScheduler, check: () => void): void {
  arriveLate(scheduler.engine);
  for (const name of flavorNames) scheduler.slots.set(name, Math.max(1, scheduler.slots.get(name) ?? 0));
  for (let round = 0; round <= 2 * scheduler.engine.containers.size + 1; round += 1) {
    relist(scheduler);
    runCycle(scheduler, { fault: () => "none", grace: 1000 });
    check();
    pass(scheduler.engine, 100_000);
  }
  relist(scheduler);
}
