import { describe, expect, test } from "vitest";
import { signalOf } from "./ends.ts";
import type { JobRecord, Observation, StopCause } from "./model.ts";
import { deadlineOf, nextDeadline, plan } from "./plan.ts";
import { type JobEvent, recoveredRecord, reduce } from "./reduce.ts";
import { makeSpec, runningJob, waitingJob } from "./testing/make-job.ts";

const waiting = waitingJob({ sequence: 1, timeLimitSeconds: 100 });
const running = runningJob({ sequence: 1, timeLimitSeconds: 100 }, 1000);
const starting = reduce(waiting, { kind: "admitting" });
const admitted: JobEvent = { kind: "answered", outcome: "admitted", at: 2000 };

function after(record: JobRecord, ...events: readonly JobEvent[]): JobRecord {
  return events.reduce(reduce, record);
}

function observed(job: Observation, at = 50_000): JobEvent {
  return { kind: "observed", job, at };
}

function stopAsked(cause: StopCause): JobEvent {
  return { kind: "stopAsked", cause };
}

test("a job goes from queued over starting and running to its end, and holds a slot only between", () => {
  const steps = [
    waiting,
    starting,
    after(starting, admitted),
    after(starting, admitted, observed({ phase: "running", startedAt: 2000 })),
    after(starting, observed({ phase: "ended", startedAt: 2000, endedAt: 3000, exitCode: 0 })),
  ];
  expect(steps.map(({ state, reason, holdsSlot }) => [state, reason, holdsSlot])).toEqual([
    ["queued", "WaitingForSlot", false],
    ["starting", "Starting", true],
    ["starting", "Starting", true],
    ["running", "Running", true],
    ["succeeded", "Completed", false],
  ]);
});

test("the time limit of a job counts from its observed start, minutes after it was admitted", () => {
  const minutesLater = 300_000;
  const pulling = after(starting, admitted);
  const snapshot = (job: JobRecord) => ({ jobs: [job], flavors: [], maxActiveJobsPerUser: 1 });
  expect([nextDeadline(snapshot(pulling)), plan(snapshot(pulling), minutesLater)]).toEqual([undefined, []]);
  const runs = after(pulling, observed({ phase: "running", startedAt: minutesLater }, minutesLater + 50));
  expect(runs).toMatchObject({ state: "running", startedAt: minutesLater });
  expect(deadlineOf(runs)).toBe(minutesLater + 100_000);
});

test("an answer takes the doubt from a start that was asked for again", () => {
  const unsure = after(starting, { kind: "answered", outcome: "unknown", at: 1 });
  expect(unsure.uncertain).toBe(true);
  expect(after(unsure, admitted)).toEqual(starting);
});

describe("the end of a job that ran", () => {
  test.each([
    ["exit code 0", { exitCode: 0 }, "succeeded", "Completed"],
    [
      "exit code 0 though one of its processes ran out of memory",
      { exitCode: 0, outOfMemory: true },
      "succeeded",
      "Completed",
    ],
    ["exit code 7", { exitCode: 7 }, "failed", "CommandFailed"],
    ["exit code 143", { exitCode: 143 }, "failed", "Signalled"],
    ["exit code 255", { exitCode: 255 }, "failed", "CommandFailed"],
    ["out of memory", { exitCode: 137, outOfMemory: true }, "failed", "OutOfMemory"],
    ["the machine gone", { exitCode: 137, nodeLost: true }, "failed", "NodeLost"],
    ["init.sh failed under the policy fail", { exitCode: 1, initFailed: true }, "failed", "InitFailed"],
    ["an end without exit code", {}, "failed", "Unknown"],
    [
      "the time limit reached, whatever the exit code",
      { exitCode: 0, endedAt: 101_000 },
      "expired",
      "DeadlineExceeded",
    ],
    [
      "the time limit reached while the scheduler was away",
      { exitCode: 137, endedAt: 999_000 },
      "expired",
      "DeadlineExceeded",
    ],
  ] as const)("%s", (_, job, state, reason) => {
    const record = after(running, observed({ phase: "ended", startedAt: 1000, endedAt: 2000, ...job }));
    expect(record).toMatchObject({ state, reason, holdsSlot: false, startedAt: 1000 });
    expect(record.exitCode).toBe("exitCode" in job ? job.exitCode : undefined);
  });

  test.each([
    ["user", "deleted", "DeletedByUser"],
    ["operator", "deleted", "DeletedByOperator"],
    ["deadline", "expired", "DeadlineExceeded"],
    ["scratch", "failed", "ScratchLimit"],
  ] as const)("asked for by the %s", (cause, state, reason) => {
    const record = after(running, stopAsked(cause), observed({ phase: "ended", exitCode: 143 }));
    expect(record).toMatchObject({ state, reason, exitCode: 143, endedAt: 50_000 });
  });

  test("the deadline's stop does not turn an end of its own before the limit into an expiry", () => {
    const own = { phase: "ended", startedAt: 1000, endedAt: 100_999, exitCode: 0 } as const;
    expect(after(running, stopAsked("deadline"), observed(own)).reason).toBe("Completed");
    const lost = { ...own, exitCode: 137, nodeLost: true };
    expect(after(running, stopAsked("deadline"), observed(lost)).reason).toBe("NodeLost");
    const bySkewedClock = { ...own, exitCode: 143 };
    expect(after(running, stopAsked("deadline"), observed(bySkewedClock)).reason).toBe("DeadlineExceeded");
  });

  test("a job that waits for a removed flavor ends without having run", () => {
    const record = after(waiting, stopAsked("flavorRemoved"), { kind: "removed", at: 5 });
    expect(record).toMatchObject({ state: "failed", reason: "FlavorRemoved", holdsSlot: false, endedAt: 5 });
  });

  test("a person's wish stands above limits and rules, and the first person's above the second's", () => {
    expect(after(running, stopAsked("deadline"), stopAsked("user")).stopping).toBe("user");
    expect(after(running, stopAsked("user"), stopAsked("deadline")).stopping).toBe("user");
    expect(after(running, stopAsked("scratch"), stopAsked("user")).stopping).toBe("user");
    expect(after(running, stopAsked("scratch"), stopAsked("deadline")).stopping).toBe("scratch");
    expect(after(running, stopAsked("operator"), stopAsked("user")).stopping).toBe("operator");
  });
});

describe("a start that goes wrong", () => {
  test("failed: the job ends without an exit code", () => {
    const record = after(starting, { kind: "answered", outcome: "failed", at: 5 });
    expect(record).toMatchObject({ state: "failed", reason: "StartFailed", holdsSlot: false, endedAt: 5 });
    expect(
      after(starting, observed({ phase: "ended", startError: "no such device", exitCode: 128 })),
    ).toEqual({ ...record, endedAt: 50_000 });
    expect(after(waiting, observed({ phase: "held", startError: "no such device" })).reason).toBe(
      "StartFailed",
    );
  });

  test("gone: the container was removed while the job waited", () => {
    const expected = { state: "failed", reason: "ContainerRemoved", holdsSlot: false };
    expect(after(starting, { kind: "answered", outcome: "gone", at: 5 })).toMatchObject(expected);
    expect(after(waiting, { kind: "removed", at: 5 })).toMatchObject(expected);
  });

  test("removed while it ran: that killed it, not a signal of its own", () => {
    const killed = observed({ phase: "ended", endedAt: 5, exitCode: 137, removed: true });
    const running = after(starting, observed({ phase: "running", startedAt: 1 }));
    expect(after(running, killed)).toMatchObject({ state: "failed", reason: "ContainerRemoved" });
    const stopped = after(running, { kind: "stopAsked", cause: "user" });
    expect(after(stopped, killed)).toMatchObject({ state: "deleted", reason: "DeletedByUser" });
  });

  test("no answer: the job keeps its slot, and is starting still when its container is seen held", () => {
    const unknown = after(starting, { kind: "answered", outcome: "unknown", at: 5 });
    expect(unknown).toMatchObject({ state: "starting", holdsSlot: true, uncertain: true });
    expect(after(unknown, observed({ phase: "held" }))).toBe(unknown);
    expect(after(unknown, { kind: "admitting" })).toEqual(starting);
    expect(after(unknown, observed({ phase: "running", startedAt: 7 }))).not.toHaveProperty("uncertain");
  });

  test("conflict: only a look at the container can tell", () => {
    const unknown = after(starting, { kind: "answered", outcome: "unknown", at: 5 });
    expect(after(unknown, { kind: "answered", outcome: "conflict", at: 6 })).toEqual(starting);
  });

  test("reported as failed but seen to run: it stays failed and holds its slot until its end", () => {
    const failed = after(starting, { kind: "answered", outcome: "failed", at: 5 });
    const seen = after(failed, observed({ phase: "running", startedAt: 6 }));
    expect(seen).toMatchObject({ state: "failed", reason: "StartFailed", holdsSlot: true });
    const gone = after(seen, observed({ phase: "ended", startedAt: 6, endedAt: 9, exitCode: 0 }));
    expect(gone).toMatchObject({ state: "failed", reason: "StartFailed", holdsSlot: false });
    expect(after(gone, observed({ phase: "running", startedAt: 6 }))).toBe(gone);
  });
});

describe("messages that are late, doubled or impossible change nothing", () => {
  const done = after(running, observed({ phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 0 }));
  const deleted = after(waiting, stopAsked("user"), { kind: "removed", at: 5 });
  test.each<readonly [string, JobRecord, JobEvent]>([
    ["held after running", running, observed({ phase: "held" })],
    ["running again", running, observed({ phase: "running", startedAt: 1000 })],
    ["running after the end", done, observed({ phase: "running", startedAt: 1000 })],
    ["another end", done, observed({ phase: "ended", exitCode: 9 })],
    ["removed after the end", done, { kind: "removed", at: 9000 }],
    ["a stop after the end", done, stopAsked("user")],
    ["a start after the end", done, { kind: "admitting" }],
    ["an answer that nobody waits for", waiting, { kind: "answered", outcome: "admitted", at: 1 }],
    ["a start of what is being stopped", { ...waiting, stopping: "user" }, { kind: "admitting" }],
    ["running after it was deleted while it waited", deleted, observed({ phase: "running" })],
  ])("%s", (_, record, event) => {
    expect(reduce(record, event)).toBe(record);
  });
});

describe("after a restart of the scheduler", () => {
  const spec = makeSpec({ sequence: 1, timeLimitSeconds: 100 });
  test("the end is the same as the one that would have been seen", () => {
    const job = { phase: "ended", startedAt: 1000, endedAt: 101_500, exitCode: 137 } as const;
    const live = after(running, stopAsked("deadline"), observed(job));
    expect(recoveredRecord(spec, job, { at: 7 })).toEqual({ ...without(live), reason: live.reason });
  });

  test("a stop that was written down before is remembered", () => {
    const record = recoveredRecord(spec, { phase: "held" }, { at: 7, stopping: "user" });
    expect(record).toMatchObject({ state: "queued", stopping: "user" });
    const ended = recoveredRecord(spec, { phase: "ended", exitCode: 0 }, { at: 7, stopping: "user" });
    expect(ended).toMatchObject({ state: "deleted", reason: "DeletedByUser" });
  });

  function without({ stopping: _, ...record }: JobRecord): JobRecord {
    return record;
  }
});

test("an exit code above 128 names its signal", () => {
  expect([0, 1, 128, 129, 137, 192, 193, 255].map(signalOf)).toEqual([
    undefined,
    undefined,
    undefined,
    1,
    9,
    64,
    undefined,
    undefined,
  ]);
});
