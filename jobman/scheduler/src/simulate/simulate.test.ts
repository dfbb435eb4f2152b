import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateStarts } from "../queue/index.ts";
import type { JobRecord, QueueSnapshot } from "../queue/model.ts";
import { assertProperty } from "../queue/testing/assert-property.ts";
import { checkCycle } from "../queue/testing/invariants.ts";
import { randomFrom } from "./random.ts";
import { formatWaitingTimes, waitingTimes } from "./report.ts";
import { type SimulationResult, simulate } from "./simulate.ts";
import { type SimulatedFlavor, typicalWorkload, type Workload } from "./workload.ts";

const flavors = [
  { name: "small-gpu", slots: 2, timeLimitSeconds: 3600 },
  { name: "no-gpu", slots: 1, timeLimitSeconds: 600 },
];
const graceSeconds = 30;

function simulateTypical(
  seed: number,
  observe: (snapshot: QueueSnapshot, now: number) => void = () => {},
): SimulationResult {
  const workload = typicalWorkload({
    flavors,
    users: 12,
    random: randomFrom(seed),
    meanPauseSeconds: 600,
    stopGraceSeconds: graceSeconds,
  });
  return simulate({ flavors, maxActiveJobsPerUser: 1, workload, jobs: 300, observe });
}

/** Users who all submit at once, each one job after the other without pause. */
function steadyWorkload(users: number, flavor: SimulatedFlavor, runSeconds: number): Workload {
  const job = { flavor, runSeconds, stopSeconds: 10, exitCode: 0 };
  return { users, pauseSeconds: () => 0, nextJob: () => job };
}

test("waiting times are those that can be reckoned by hand", () => {
  const [flavor] = [{ name: "one", slots: 1, timeLimitSeconds: 100 }];
  const workload = steadyWorkload(3, flavor, 60);
  const result = simulate({ flavors: [flavor], maxActiveJobsPerUser: 1, workload, jobs: 5 });
  const waits = result.ended.map((job) => ((job.startedAt ?? 0) - job.spec.submittedAt) / 1000);
  expect(waits).toEqual([0, 60, 120, 120, 120]);
  expect(result.duration).toBe(300_000);
  expect(formatWaitingTimes(waitingTimes(result, [flavor]))).toBe(
    [
      "FLAVOR  SLOTS  JOBS  EXPIRED   USED      MEAN       P50       P95       MAX",
      "one         1     5        0  100 %  00:01:24  00:02:00  00:02:00  00:02:00\n",
    ].join("\n"),
  );
});

test("a job that would run longer is stopped at its limit and holds its slot until it has ended", () => {
  const [flavor] = [{ name: "one", slots: 1, timeLimitSeconds: 100 }];
  const workload = steadyWorkload(2, flavor, 1000);
  const { ended } = simulate({ flavors: [flavor], maxActiveJobsPerUser: 1, workload, jobs: 3 });
  expect(ended.map(({ state, startedAt, endedAt }) => [state, startedAt, endedAt])).toEqual([
    ["expired", 0, 110_000],
    ["expired", 110_000, 220_000],
    ["expired", 220_000, 330_000],
  ]);
});

test("the same seed gives the same result, another seed another", () => {
  expect(simulateTypical(1)).toEqual(simulateTypical(1));
  expect(simulateTypical(1).duration).not.toBe(simulateTypical(2).duration);
});

test("every cycle admits whom the rules as they are written down would admit", () => {
  const workload = steadyWorkload(5, flavors[0] as SimulatedFlavor, 50);
  simulate({
    flavors,
    maxActiveJobsPerUser: 1,
    workload,
    jobs: 100,
    observe: (snapshot, _, decisions) => checkCycle(snapshot, decisions),
  });
});

test("no job starts later than any latest start that it was ever told", () => {
  const property = fc.property(fc.nat(), (seed) => {
    const promised = new Map<string, number>();
    const { ended } = simulateTypical(seed, (snapshot, now) => notePromises(promised, snapshot, now));
    for (const job of ended) expect(startOf(job)).toBeLessThanOrEqual(promised.get(job.spec.id) ?? -1);
  });
  assertProperty("latest start", property, 40);
});

test("the latest start is exact: when every job runs to the end of its grace, it is the start", () => {
  const [flavor] = [{ name: "one", slots: 2, timeLimitSeconds: 100 }];
  const promised = new Map<string, number>();
  const { ended } = simulate({
    flavors: [flavor],
    maxActiveJobsPerUser: 1,
    workload: {
      ...steadyWorkload(7, flavor, 1000),
      nextJob: () => ({ flavor, runSeconds: 1000, stopSeconds: graceSeconds, exitCode: 0 }),
    },
    jobs: 30,
    observe: (snapshot, now) => notePromises(promised, snapshot, now),
  });
  for (const job of ended) expect(startOf(job)).toBe(promised.get(job.spec.id));
});

/** Keeps the earliest promise that each job was ever given. */
function notePromises(promised: Map<string, number>, snapshot: QueueSnapshot, now: number): void {
  const options = { now, stopGraceSeconds: graceSeconds, history: new Map() };
  for (const [id, { latestStartAt = Number.POSITIVE_INFINITY }] of estimateStarts(snapshot, options)) {
    promised.set(id, Math.min(latestStartAt, promised.get(id) ?? Number.POSITIVE_INFINITY));
  }
}

function startOf(job: JobRecord): number {
  return job.startedAt ?? Number.POSITIVE_INFINITY;
}
