import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { EngineEvent, EngineJob } from "../../engine.ts";
import { makeSpec } from "../../testing/job-spec.ts";
import { keepUserLedgers } from "./keep-user-ledgers.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const held = (id: string, owner: string): EngineJob => ({
  phase: "held",
  spec: makeSpec({ id, owner, image: "i" }),
});

/** A cluster whose jobs are these, and which tells what is said. */
function makeWorld() {
  const jobs = new Map<string, EngineJob>();
  const listeners: ((event: EngineEvent) => void)[] = [];
  const corrected: { readonly owner: string; readonly active: readonly string[] }[] = [];
  const faults: unknown[] = [];
  const world = { leads: true, broken: 0 };
  const tracker = {
    listen: (listener: (event: EngineEvent) => void) => {
      listeners.push(listener);
      return () => undefined;
    },
    ofOwner: (owner: string) => [...jobs.values()].filter(({ spec }) => spec.owner === owner),
  };
  const users = {
    correct: async (owner: string, active: ReadonlyMap<string, unknown>) => {
      if (world.broken-- > 0) throw new Error("no answer");
      corrected.push({ owner, active: [...active.keys()] });
    },
  };
  const context = { tracker, users, report: (fault: unknown) => faults.push(fault) };
  const keeper = keepUserLedgers(context as never, () => world.leads);
  const tell = (event: EngineEvent): void => {
    for (const listener of listeners) listener(event);
  };
  const come = (id: string, owner: string): void => {
    const job = held(id, owner);
    jobs.set(id, job);
    tell({ kind: "changed", job });
  };
  const go = (id: string): void => {
    jobs.delete(id);
    tell({ kind: "removed", id });
  };
  return { world, keeper, corrected, faults, come, go };
}

test("several changes of a user are one correction, a second later, with what is so by then", async () => {
  const { come, go, corrected } = makeWorld();
  come("a", "alice");
  come("b", "alice");
  go("a");
  come("c", "bob");
  await vi.advanceTimersByTimeAsync(999);
  expect(corrected).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(corrected).toEqual([
    { owner: "alice", active: ["b"] },
    { owner: "bob", active: ["c"] },
  ]);
});

test("who does not lead corrects nothing; who begins to lead corrects all, also what ended while nobody led", async () => {
  const { world, keeper, come, go, corrected } = makeWorld();
  world.leads = false;
  come("a", "alice");
  come("b", "bob");
  go("a");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(corrected).toEqual([]);
  world.leads = true;
  keeper.correctAll();
  await vi.advanceTimersByTimeAsync(1000);
  expect(corrected).toEqual([
    { owner: "alice", active: [] },
    { owner: "bob", active: ["b"] },
  ]);
});

test("a lead that is lost before its second is over writes nothing", async () => {
  const { world, come, corrected } = makeWorld();
  come("a", "alice");
  world.leads = false;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(corrected).toEqual([]);
});

test("a correction that failed is told, and tried again until it is done", async () => {
  const { world, come, corrected, faults } = makeWorld();
  world.broken = 2;
  come("a", "alice");
  await vi.advanceTimersByTimeAsync(1000);
  expect([faults.length, corrected.length]).toEqual([1, 0]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(faults).toHaveLength(2);
  expect(corrected).toEqual([{ owner: "alice", active: ["a"] }]);
});

test("who was told to stop writes nothing more", async () => {
  const { keeper, come, corrected } = makeWorld();
  come("a", "alice");
  keeper.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(corrected).toEqual([]);
});
