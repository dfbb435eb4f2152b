import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProblemBoard } from "../../diagnostics/problems.ts";
import { lookNowAndThen } from "./look-now-and-then.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("what needs the operator's hand is a problem while it lasts: lines that cannot be written, jobs started by force", async () => {
  const problems = createProblemBoard();
  const world = { forced: 2, leads: true, full: true };
  const faults: unknown[] = [];
  const stop = lookNowAndThen({
    problems,
    engine: { forcedJobs: async () => world.forced },
    lease: { held: () => world.leads },
    audit: {
      look: async () => {
        if (world.full) throw new Error("no space left");
      },
    },
    onFault: (fault) => faults.push(fault),
  });
  await vi.advanceTimersByTimeAsync(5_000);
  expect(problems.all()).toEqual([
    "audit lines cannot be written, and wait in memory until they can: no space left",
    expect.stringMatching(/^2 jobs run that the queue did not let go/),
  ]);
  expect(faults).toHaveLength(1);
  world.full = false;
  world.leads = false;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(problems.all()).toEqual([]);
  stop();
  world.full = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(faults).toHaveLength(1);
});
