import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateStarts } from "./estimate.ts";
import type { JobRecord, QueueSnapshot } from "./model.ts";
import { plan } from "./plan.ts";
import { reduce } from "./reduce.ts";
import { assertProperty } from "./testing/assert-property.ts";
import { runningJob, waitingJob } from "./testing/make-job.ts";

const now = 1_000_000;
const graceSeconds = 5;

const job = fc.record({
  owner: fc.constantFrom(..."abcdefghijklmnop"),
  flavor: fc.constantFrom("no-gpu", "small-gpu"),
  timeLimitSeconds: fc.integer({ min: 1, max: 30 }),
  /** How much of its limit and grace it really uses. */
  share: fc.oneof(
    { weight: 5, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  /** How long ago it started, as a share of its limit; a job that waits has none. */
  elapsed: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
  stopping: fc.option(fc.constant("user" as const), { nil: undefined, freq: 8 }),
});
type DrawnJob = typeof job extends fc.Arbitrary<infer T> ? T : never;

const queues = fc.record({
  jobs: fc.array(job, { minLength: 1, maxLength: 20, size: "max" }),
  slots: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  maxActiveJobsPerUser: fc.integer({ min: 1, max: 3 }),
});
type DrawnQueue = typeof queues extends fc.Arbitrary<infer T> ? T : never;

test("no job starts later than its latest start, whatever the limits, caps and real run times", () => {
  const property = fc.property(queues, (drawn) => {
    const snapshot = snapshotOf(drawn);
    const starts = playOut(snapshot, (each, left) => left * (drawn.jobs[each.spec.sequence]?.share ?? 1));
    for (const [id, { latestStartAt }] of estimate(snapshot)) {
      if (latestStartAt !== undefined) expect(starts.get(id)).toBeLessThanOrEqual(latestStartAt);
    }
  });
  assertProperty("latest start over caps and limits", property, 6000);
});

test("the latest start is the start when all jobs take all that they may and nobody is over the cap", () => {
  const property = fc.property(queues, (drawn) => {
    const snapshot = snapshotOf({ ...drawn, maxActiveJobsPerUser: 100 });
    const starts = playOut(snapshot, (_, left) => left);
    for (const [id, { latestStartAt }] of estimate(snapshot)) expect(latestStartAt).toBe(starts.get(id));
  });
  assertProperty("latest start exact", property, 500);
});

test("only a user over the cap is told no latest start, and no expected start is behind the latest", () => {
  const property = fc.property(queues, fc.array(fc.integer({ min: 1, max: 90 })), (drawn, runs) => {
    const snapshot = snapshotOf(drawn);
    const history = new Map([["no-gpu", runs]]);
    for (const [id, { latestStartAt, expectedStartAt, reason }] of estimate(snapshot, history)) {
      expect(latestStartAt === undefined, id).toBe(reason === "UserLimit");
      expect(expectedStartAt ?? 0).toBeLessThanOrEqual(latestStartAt ?? now);
    }
  });
  assertProperty("estimates given", property, 500);
});

function estimate(snapshot: QueueSnapshot, history = new Map<string, readonly number[]>()) {
  return estimateStarts(snapshot, { now, stopGraceSeconds: graceSeconds, history });
}

function snapshotOf({ jobs, slots, maxActiveJobsPerUser }: DrawnQueue): QueueSnapshot {
  return {
    jobs: jobs.map(recordOf),
    flavors: [
      { name: "no-gpu", slots: slots[0] },
      { name: "small-gpu", slots: slots[1] },
    ],
    maxActiveJobsPerUser,
  };
}

function recordOf(
  { owner, flavor, timeLimitSeconds, elapsed, stopping }: DrawnJob,
  sequence: number,
): JobRecord {
  const spec = { sequence, owner, flavor, timeLimitSeconds };
  const more = stopping === undefined ? {} : { stopping };
  if (elapsed === null) return waitingJob(spec, more);
  return runningJob(spec, now - Math.round(elapsed * timeLimitSeconds * 1000), more);
}

/** When each waiting job really starts, with an engine that does at once what it is told. */
function playOut(
  snapshot: QueueSnapshot,
  runOf: (job: JobRecord, mostLeft: number) => number,
): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  const records = new Map(snapshot.jobs.map((each) => [each.spec.id, each]));
  const ends = new Map<string, number>();
  for (const each of snapshot.jobs)
    if (each.holdsSlot) ends.set(each.spec.id, now + runOf(each, mostLeft(each)));
  for (let time = now; time < Number.POSITIVE_INFINITY; time = Math.min(...ends.values())) {
    for (const [id, end] of ends) if (end <= time) finish(id);
    for (const decision of plan({ ...snapshot, jobs: [...records.values()] }, time)) {
      if (decision.kind === "admit") start(decision.id, time);
    }
  }
  return starts;

  function finish(id: string): void {
    ends.delete(id);
    records.delete(id);
  }

  function start(id: string, time: number): void {
    const waiting = records.get(id);
    if (waiting === undefined) return;
    const started = [
      { kind: "admitting" } as const,
      { kind: "observed", job: { phase: "running", startedAt: time }, at: time } as const,
    ];
    const record = started.reduce(reduce, waiting);
    records.set(id, record);
    starts.set(id, time);
    ends.set(id, time + runOf(record, (record.spec.timeLimitSeconds + graceSeconds) * 1000));
  }
}

/** The longest that a running job may still hold its slot. */
function mostLeft({ spec, startedAt = now, stopping }: JobRecord): number {
  const left = startedAt + (spec.timeLimitSeconds + graceSeconds) * 1000 - now;
  return stopping === undefined ? left : Math.min(left, graceSeconds * 1000);
}
