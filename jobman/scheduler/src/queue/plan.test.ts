import { describe, expect, test } from "vitest";
import type { JobRecord, QueueSnapshot } from "./model.ts";
import { nextDeadline, plan } from "./plan.ts";
import { runningJob, waitingJob } from "./testing/make-job.ts";

function snapshotOf(jobs: readonly JobRecord[], values: Partial<QueueSnapshot> = {}): QueueSnapshot {
  return { jobs, flavors: [{ name: "no-gpu", slots: 1 }], maxActiveJobsPerUser: 1, ...values };
}

function admitted(snapshot: QueueSnapshot, now = 0): readonly string[] {
  return plan(snapshot, now).flatMap((decision) => (decision.kind === "admit" ? [decision.id] : []));
}

describe("plan admits", () => {
  test("the job that was submitted first, whatever the order of the snapshot", () => {
    const jobs = [3, 1, 2].map((sequence) => waitingJob({ sequence, owner: `user-${sequence}` }));
    expect(admitted(snapshotOf(jobs))).toEqual(["id-1"]);
  });

  test("as many as there are free slots, in their order", () => {
    const jobs = [4, 2, 3, 1].map((sequence) => waitingJob({ sequence, owner: `user-${sequence}` }));
    expect(admitted(snapshotOf(jobs, { flavors: [{ name: "no-gpu", slots: 3 }] }))).toEqual([
      "id-1",
      "id-2",
      "id-3",
    ]);
  });

  test("each flavor by itself: a full one holds nobody else up", () => {
    const jobs = [
      runningJob({ sequence: 1, owner: "ada" }),
      waitingJob({ sequence: 2, owner: "ben" }),
      waitingJob({ sequence: 3, owner: "eve", flavor: "small-gpu" }),
    ];
    const flavors = [
      { name: "no-gpu", slots: 1 },
      { name: "small-gpu", slots: 1 },
    ];
    expect(admitted(snapshotOf(jobs, { flavors }))).toEqual(["id-3"]);
  });

  test("past a user at the cap, who keeps the place", () => {
    const jobs = [
      runningJob({ sequence: 1, owner: "ada", flavor: "small-gpu" }),
      waitingJob({ sequence: 2, owner: "ada" }),
      waitingJob({ sequence: 3, owner: "ben" }),
    ];
    const flavors = [
      { name: "no-gpu", slots: 1 },
      { name: "small-gpu", slots: 1 },
    ];
    expect(admitted(snapshotOf(jobs, { flavors }))).toEqual(["id-3"]);
    expect(admitted(snapshotOf(jobs.slice(1), { flavors }))).toEqual(["id-2"]);
  });

  test("not more of one user in one cycle than the cap, over all flavors", () => {
    const jobs = [
      waitingJob({ sequence: 1, owner: "ada", flavor: "small-gpu" }),
      waitingJob({ sequence: 2, owner: "ada" }),
      waitingJob({ sequence: 3, owner: "ada" }),
    ];
    const flavors = [
      { name: "no-gpu", slots: 5 },
      { name: "small-gpu", slots: 5 },
    ];
    expect(admitted(snapshotOf(jobs, { flavors, maxActiveJobsPerUser: 2 }))).toEqual(["id-1", "id-2"]);
  });

  test("nothing into the slot of a job that has ended but whose container may still run", () => {
    const lingering = runningJob({ sequence: 1, owner: "ada" }, 0, {
      state: "failed",
      reason: "StartFailed",
    });
    expect(admitted(snapshotOf([lingering, waitingJob({ sequence: 2, owner: "ben" })]))).toEqual([]);
  });

  test("nothing while a flavor has more jobs than slots, and ends none of them", () => {
    const jobs = [1, 2, 3].map((sequence) => runningJob({ sequence, owner: `user-${sequence}` }));
    expect(plan(snapshotOf([...jobs, waitingJob({ sequence: 4, owner: "eve" })]), 0)).toEqual([]);
  });

  test("nothing of a flavor without slots or of one that the site has dropped", () => {
    const jobs = [waitingJob({ sequence: 1, flavor: "gone" }), waitingJob({ sequence: 2, owner: "ben" })];
    expect(admitted(snapshotOf(jobs, { flavors: [{ name: "no-gpu", slots: 0 }] }))).toEqual([]);
  });

  test("no waiting job whose end was asked for", () => {
    const jobs = [
      waitingJob({ sequence: 1 }, { stopping: "user" }),
      waitingJob({ sequence: 2, owner: "ben" }),
    ];
    expect(plan(snapshotOf(jobs), 0)).toEqual([
      { kind: "end", id: "id-1", cause: "user" },
      { kind: "admit", id: "id-2" },
    ]);
  });

  test("a job again whose start had no answer, into the slot that it holds", () => {
    const uncertain = waitingJob(
      { sequence: 1 },
      { state: "starting", reason: "Starting", holdsSlot: true, uncertain: true },
    );
    expect(admitted(snapshotOf([uncertain, waitingJob({ sequence: 2, owner: "ben" })]))).toEqual(["id-1"]);
  });
});

describe("plan ends", () => {
  test("a job at the millisecond of its time limit, not before", () => {
    const snapshot = snapshotOf([runningJob({ sequence: 1, timeLimitSeconds: 60 }, 1000)]);
    expect(nextDeadline(snapshot)).toBe(61_000);
    expect(plan(snapshot, 60_999)).toEqual([]);
    expect(plan(snapshot, 61_000)).toEqual([{ kind: "end", id: "id-1", cause: "deadline" }]);
  });

  test("a job whose end was asked for, in every cycle until its end was seen", () => {
    const snapshot = snapshotOf([runningJob({ sequence: 1 }, 0, { stopping: "operator" })]);
    expect(plan(snapshot, 0)).toEqual([{ kind: "end", id: "id-1", cause: "operator" }]);
    expect(plan(snapshot, 1)).toEqual(plan(snapshot, 0));
    expect(nextDeadline(snapshot)).toBeUndefined();
  });

  test("a waiting job whose flavor the site has dropped, and lets a running one go on to its limit", () => {
    const jobs = [
      waitingJob({ sequence: 1, flavor: "gone" }),
      runningJob({ sequence: 2, flavor: "gone", timeLimitSeconds: 60 }),
    ];
    expect(plan(snapshotOf(jobs), 0)).toEqual([{ kind: "end", id: "id-1", cause: "flavorRemoved" }]);
    expect(nextDeadline(snapshotOf(jobs))).toBe(60_000);
  });

  test("a job that is recorded as ended but runs all the same", () => {
    const undead = runningJob({ sequence: 1 }, 0, { state: "failed", reason: "StartFailed" });
    expect(plan(snapshotOf([undead]), 0)).toEqual([{ kind: "end", id: "id-1", cause: "operator" }]);
    expect(plan(snapshotOf([{ ...undead, holdsSlot: false }]), 0)).toEqual([]);
  });
});
