import { test as base } from "vitest";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";
import { type Ask, type BedOptions, makeSchedulerBed, type SchedulerBed } from "./scheduler-bed.ts";

/** What a test of the running scheduler works with. */
interface SchedulerParts {
  /** The scheduler's clock is so many milliseconds ahead of the world's. */
  readonly clock: { ahead: number };
  readonly engine: FakeEngine;
  readonly bed: SchedulerBed;
  readonly alice: Ask;
  readonly bob: Ask;
  readonly carol: Ask;
}

/**
 * A `test` whose scheduler runs in this process, on an engine in memory, with the users alice, bob and carol; each test
 * has its own.
 */
export function schedulerTest(options: Partial<Omit<BedOptions, "engine">> = {}) {
  return base.extend<SchedulerParts>({
    clock: async ({ task: _ }, use) => use({ ahead: 0 }),
    engine: async ({ clock: _ }, use) => use(createFakeEngine(Date.now)),
    bed: async ({ clock, engine }, use) => {
      const now = () => Date.now() + clock.ahead;
      const bed = await makeSchedulerBed({ engine, users: ["alice", "bob", "carol"], now, ...options });
      try {
        await use(bed);
      } finally {
        await bed.dispose();
      }
    },
    alice: async ({ bed }, use) => use(bed.as("alice")),
    bob: async ({ bed }, use) => use(bed.as("bob")),
    carol: async ({ bed }, use) => use(bed.as("carol")),
  });
}
