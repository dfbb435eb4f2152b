import { expect, test } from "vitest";
import type { Engine, EngineJob } from "../platforms/engine.ts";
import { createFakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerFixture } from "../testing/scheduler-fixture.ts";

test("a scheduler that cannot take up the engine's first picture stops whole and gives the lead back", async () => {
  const fake = createFakeEngine(Date.now);
  const watched: AbortSignal[] = [];
  let broken = false;
  const engine: Engine = {
    ...fake,
    watch: (signal) => {
      watched.push(signal);
      return broken ? unreadable() : fake.watch(signal);
    },
  };
  let released = 0;
  const lead = {
    lost: new Promise<never>(() => undefined),
    release: async () => {
      released += 1;
    },
  };
  await using fixture = await makeSchedulerFixture({ engine, users: ["alice"], lead });
  const breakIt = (): void => {
    broken = true;
  };
  await expect(fixture.restart(breakIt)).rejects.toThrow("no picture");
  expect([released, watched.map((signal) => signal.aborted)]).toEqual([2, [true, true]]);
});

/** A picture of one job that cannot be read. */
async function* unreadable(): ReturnType<Engine["watch"]> {
  const job: EngineJob = {
    get spec(): never {
      throw new Error("no picture");
    },
    phase: "held",
  };
  yield { kind: "snapshot", asOf: Date.now(), jobs: [job] };
}
