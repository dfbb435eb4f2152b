import { expect, onTestFinished, test } from "vitest";
import type { Core } from "../core/core.ts";
import type { Engine } from "../platforms/engine.ts";
import { createFakeEngine } from "../testing/fake-engine.ts";
import { until } from "../testing/until.ts";
import { createWorld } from "../testing/world.ts";
import { createJobLoop } from "./run-loop.ts";

/** A loop that runs on an engine in memory; `faulty` makes the parts that fail. */
async function runLoop(faulty: (core: Core) => Partial<Core>) {
  const loop = createJobLoop();
  const { core } = (await createWorld(1)).scheduler;
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const whole = { ...core, engine: createFakeEngine(core.now), wake: loop.wake };
  const failures: unknown[] = [];
  const recovered = Promise.withResolvers<void>();
  const onRecovered = (failure?: { readonly error: unknown }): void => {
    if (failure !== undefined) failures.push(failure.error);
    recovered.resolve();
  };
  const ended = loop.run({ ...whole, ...faulty(whole) }, { signal: stop.signal, onRecovered });
  await recovered.promise;
  return { core: whole, stop, ended, failures };
}

test("after a fault the queue is looked at again by itself, though nothing new is told", async () => {
  let looks = 0;
  const { core, stop, ended } = await runLoop(({ flavors }) => ({
    flavors: () => {
      looks += 1;
      if (looks === 1) throw new Error("broken once");
      return flavors();
    },
  }));
  await until("it is looked at again", () => looks > 1);
  expect(core.faults.recent()).toMatchObject([{ where: "queue", message: "broken once" }]);
  stop.abort();
  await ended;
});

test("a loop whose first picture cannot be taken up ends: it observes and decides nothing", async () => {
  const fault = new Error("no such memory");
  let watches = 0;
  let looks = 0;
  const { ended, failures } = await runLoop(({ engine, flavors, records }) => ({
    engine: { ...engine, watch: (signal) => counted(engine, signal, () => (watches += 1)) },
    flavors: () => {
      looks += 1;
      return flavors();
    },
    records: { ...records, recover: () => Promise.reject(fault) },
  }));
  await ended;
  expect([failures, watches, looks]).toEqual([[fault], 1, 0]);
});

function counted(engine: Engine, signal: AbortSignal, count: () => void): ReturnType<Engine["watch"]> {
  count();
  return engine.watch(signal);
}

test("a watch that breaks is begun again, and its fault is told", async () => {
  let watches = 0;
  const { core, stop, ended } = await runLoop(({ engine }) => ({
    engine: {
      ...engine,
      watch: (signal) => {
        watches += 1;
        return watches === 1 ? brokenWatch() : engine.watch(signal);
      },
    },
  }));
  expect(watches).toBe(2);
  expect(core.faults.recent()).toMatchObject([{ where: "engine", message: "the connection was lost" }]);
  stop.abort();
  await ended;
});

// biome-ignore lint/correctness/useYield: it breaks before it has told anything
async function* brokenWatch(): ReturnType<Engine["watch"]> {
  throw new Error("the connection was lost");
}

test("looks at a long queue, however often they are asked for, leave half of the time to others", async () => {
  let looked = 0;
  const { core, stop, ended } = await runLoop(({ flavors }) => ({
    flavors: () => {
      const until = performance.now() + 20;
      while (performance.now() < until);
      looked += 1;
      return flavors();
    },
  }));
  const began = performance.now();
  const before = looked;
  while (performance.now() - began < 800) {
    core.wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(looked - before).toBeGreaterThan(2);
  expect(looked - before).toBeLessThanOrEqual(22);
  stop.abort();
  await ended;
});
