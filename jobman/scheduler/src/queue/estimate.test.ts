import { describe, expect, test } from "vitest";
import { type EstimateOptions, estimateStarts } from "./estimate.ts";
import { withRun } from "./history.ts";
import type { JobRecord, QueueSnapshot } from "./model.ts";
import { runningJob, waitingJob } from "./testing/make-job.ts";

const now = 1_000_000;

function estimate(
  jobs: readonly JobRecord[],
  values: Partial<QueueSnapshot & EstimateOptions> & { readonly slots?: number } = {},
) {
  const { slots = 1, ...rest } = values;
  return estimateStarts(
    { jobs, flavors: [{ name: "no-gpu", slots }], maxActiveJobsPerUser: 1, ...rest },
    { now, stopGraceSeconds: 10, history: new Map(), ...rest },
  );
}

function waitingLine(count: number, limits: readonly number[] = []): readonly JobRecord[] {
  return Array.from({ length: count }, (_, index) =>
    waitingJob({ sequence: index + 10, owner: `user-${index}`, timeLimitSeconds: limits[index] ?? 100 }),
  );
}

describe("the latest start", () => {
  test("of the k-th waiting job is the k-th time at which a slot must be free", () => {
    const jobs = [
      runningJob({ sequence: 1, owner: "ada" }, now - 40_000),
      runningJob({ sequence: 2, owner: "ben" }, now - 90_000),
      ...waitingLine(4),
    ];
    const starts = [...estimate(jobs, { slots: 2 }).values()].map((each) => (each.latestStartAt ?? 0) - now);
    expect(starts).toEqual([20_000, 70_000, 130_000, 180_000]);
  });

  test("counts each job's own limit and the grace of its stop", () => {
    const starts = [...estimate(waitingLine(3, [50, 500, 5])).values()];
    expect(starts.map((each) => (each.latestStartAt ?? 0) - now)).toEqual([0, 60_000, 570_000]);
  });

  test("of a job behind one that is being stopped is the end of the grace", () => {
    const jobs = [runningJob({ sequence: 1 }, now, { stopping: "user" }), ...waitingLine(1)];
    expect(estimate(jobs).get("id-10")?.latestStartAt).toBe(now + 10_000);
  });

  test("waits for the surplus to drain after slots were taken away", () => {
    const jobs = [
      ...[1, 2, 3].map((sequence) =>
        runningJob({ sequence, owner: `r${sequence}` }, now - sequence * 10_000),
      ),
      ...waitingLine(1),
    ];
    expect(estimate(jobs, { slots: 1 }).get("id-10")?.latestStartAt).toBe(now + 100_000);
  });

  test("allows for a job that is passed over and starts between later, longer ones", () => {
    const passedOver = waitingJob({ sequence: 10, owner: "ada", timeLimitSeconds: 50 });
    const elsewhere = runningJob({ sequence: 1, owner: "ada", flavor: "small-gpu" }, now);
    const line = [
      passedOver,
      ...[50, 200, 50].map((timeLimitSeconds, index) =>
        waitingJob({ sequence: 11 + index, owner: `user-${index}`, timeLimitSeconds }),
      ),
    ];
    // In their order the last would start at 60 s; when the first starts only after the second, at 120 s.
    const latest = estimate([elsewhere, ...line], { slots: 2 }).get("id-13")?.latestStartAt ?? 0;
    expect(latest - now).toBeGreaterThanOrEqual(120_000);
  });

  test("is not given without slots, nor to a user over the cap", () => {
    expect(estimate(waitingLine(1), { slots: 0 }).get("id-10")).toEqual({ position: 1, reason: "NoDevices" });
    const jobs = [runningJob({ sequence: 1, owner: "user-0" }, now), ...waitingLine(1)];
    expect(estimate(jobs).get("id-10")).toEqual({ position: 1, reason: "UserLimit" });
  });
});

describe("the expected start", () => {
  const history = new Map([["no-gpu", [10, 20, 60]]]);

  test("is absent until a job of the flavor has ended", () => {
    expect(estimate(waitingLine(1)).get("id-10")).not.toHaveProperty("expectedStartAt");
  });

  test("takes the mean of the flavor's runs, and for a running job of those that lasted longer", () => {
    const jobs = [runningJob({ sequence: 1, owner: "ada" }, now - 15_000), ...waitingLine(2)];
    const starts = [...estimate(jobs, { history }).values()].map((each) => (each.expectedStartAt ?? 0) - now);
    expect(starts).toEqual([25_000, 55_000]);
  });

  test("counts a job that outlasts all others up to its limit", () => {
    const jobs = [runningJob({ sequence: 1, owner: "ada" }, now - 70_000), ...waitingLine(1)];
    expect(estimate(jobs, { history }).get("id-10")?.expectedStartAt).toBe(now + 30_000);
  });

  test("is never behind the latest start", () => {
    const long = new Map([["no-gpu", [5000]]]);
    for (const { expectedStartAt, latestStartAt } of estimate(waitingLine(5), { history: long }).values()) {
      expect(expectedStartAt ?? 0).toBeLessThanOrEqual(latestStartAt ?? 0);
    }
  });
});

test("positions are counted from 1 in each flavor, by sequence, without those that are being stopped", () => {
  const jobs = [
    waitingJob({ sequence: 3, owner: "c" }),
    waitingJob({ sequence: 1, owner: "a" }),
    waitingJob({ sequence: 2, owner: "b" }, { stopping: "user" }),
    waitingJob({ sequence: 4, owner: "d", flavor: "small-gpu" }),
  ];
  const all = estimate(jobs);
  expect([...all].map(([id, { position }]) => [id, position])).toEqual([
    ["id-1", 1],
    ["id-3", 2],
    ["id-4", 1],
  ]);
  expect([...estimate(jobs, { flavor: "small-gpu" }).keys()]).toEqual(["id-4"]);
});

test("the history keeps each flavor's last 200 runs, of jobs that ran", () => {
  const run = { ...runningJob({ sequence: 1 }, 1000), state: "failed", holdsSlot: false } as const;
  const never = withRun(new Map(), { ...run, holdsSlot: true });
  expect(never.size).toBe(0);
  let history = never;
  for (let second = 1; second <= 250; second += 1)
    history = withRun(history, { ...run, endedAt: 1000 + second * 1000 });
  expect(history.get("no-gpu")).toHaveLength(200);
  expect(history.get("no-gpu")?.[0]).toBe(51);
});
