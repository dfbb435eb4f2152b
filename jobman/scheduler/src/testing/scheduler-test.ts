import { test as base } from "vitest";
import { createFakeEngine, type FakeEngine } from "./fake-engine.ts";
import {
  type Ask,
  type FixtureOptions,
  makeSchedulerFixture,
  type SchedulerFixture,
} from "./scheduler-fixture.ts";

/** What a test of the running scheduler works with. */
interface SchedulerParts {
  /** The scheduler's clock is so many milliseconds ahead of the world's. */
  readonly clock: { ahead: number };
  readonly engine: FakeEngine;
  readonly fixture: SchedulerFixture;
  readonly alice: Ask;
  readonly bob: Ask;
  readonly carol: Ask;
}

/**
 * A `test` whose scheduler runs in this process, on an engine in memory, with the users alice, bob and carol; each test
 * has its own.
 */
export function schedulerTest(options: Partial<Omit<FixtureOptions, "engine">> = {}) {
  return base.extend<SchedulerParts>({
    clock: async ({ task: _ }, use) => use({ ahead: 0 }),
    engine: async ({ clock: _ }, use) => use(createFakeEngine(Date.now)),
    fixture: async ({ clock, engine }, use) => {
      const now = () => Date.now() + clock.ahead;
      const fixture = await makeSchedulerFixture({
        engine,
        users: ["alice", "bob", "carol"],
        now,
        ...options,
      });
      try {
        await use(fixture);
      } finally {
        await fixture.dispose();
      }
    },
    alice: async ({ fixture }, use) => use(fixture.as("alice")),
    bob: async ({ fixture }, use) => use(fixture.as("bob")),
    carol: async ({ fixture }, use) => use(fixture.as("carol")),
  });
}
