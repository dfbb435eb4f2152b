import { describe, expect, test } from "vitest";
import type { JobRecord, Observation, StopCause } from "./model.ts";
import { nextDeadline, plan } from "./plan.ts";
import { type JobEvent, reduce } from "./reduce.ts";
import { runningJob, waitingJob } from "./testing/make-job.ts";

const waiting = waitingJob({ sequence: 1, timeLimitSeconds: 100 });
const running = runningJob({ sequence: 2, timeLimitSeconds: 100 }, 1000);
const starting = reduce(waiting, { kind: "admitting" });

function after(record: JobRecord, ...events: readonly JobEvent[]): JobRecord {
  return events.reduce(reduce, record);
}

function observed(job: Observation): JobEvent {
  return { kind: "observed", job, at: 50_000 };
}

function stopAsked(cause: StopCause): JobEvent {
  return { kind: "stopAsked", cause };
}

describe("where an admitted job does not start at once", () => {
  const letGo = observed({ phase: "starting", admittedAt: 9000 });

  test("a scheduler that did not admit it learns that it holds a slot, and since when", () => {
    const seen = after(waiting, letGo);
    expect(seen).toMatchObject({ state: "starting", holdsSlot: true, admittedAt: 9000 });
    expect(after(seen, letGo)).toBe(seen);
    expect(after(running, letGo)).toBe(running);
  });

  test("it is ended when its time to start is over, and nobody's else", () => {
    const snapshot = { flavors: [], maxActiveJobsPerUser: 1, startTimeoutSeconds: 60 };
    const seen = { ...snapshot, jobs: [after(waiting, letGo), running] };
    expect([plan(seen, 68_999), nextDeadline(seen)]).toEqual([[], 69_000]);
    expect(plan(seen, 69_000)).toEqual([{ kind: "end", id: waiting.spec.id, cause: "startTimeout" }]);
    expect(plan({ ...seen, jobs: [after(seen.jobs[0] ?? waiting, stopAsked("user"))] }, 69_000)).toEqual([
      { kind: "end", id: waiting.spec.id, cause: "user" },
    ]);
  });

  test("its end then is a failed start", () => {
    const end = observed({ phase: "ended", stopping: "startTimeout", startError: "no node" });
    expect(after(waiting, letGo, end)).toMatchObject({
      state: "failed",
      reason: "StartFailed",
      holdsSlot: false,
    });
  });
});

test("a job whose admission was put off waits as before, and gives its slot back", () => {
  expect(after(starting, { kind: "answered", outcome: "postponed", at: 1 })).toEqual(waiting);
});

test("what the engine's object says of a stop that was asked for elsewhere holds here, too", () => {
  const asked = after(running, observed({ phase: "running", startedAt: 1000, stopping: "user" }));
  expect(asked.stopping).toBe("user");
  const deleted = after(waiting, observed({ phase: "ended", stopping: "operator" }));
  expect(deleted).toMatchObject({ state: "deleted", reason: "DeletedByOperator", holdsSlot: false });
});
