import { isActive } from "@workstation/jobman/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JobRecord } from "./model.ts";
import { type JobEvent, queuedRecord, reduce } from "./reduce.ts";
import { assertProperty } from "./testing/assert-property.ts";
import { makeSpec } from "./testing/make-job.ts";

const at = fc.integer({ min: 0, max: 200_000 });
const observation = fc.record(
  {
    phase: fc.constantFrom("held", "running", "ended"),
    startedAt: at,
    endedAt: at,
    exitCode: fc.integer({ min: 0, max: 255 }),
    outOfMemory: fc.boolean(),
    nodeLost: fc.boolean(),
    initFailed: fc.boolean(),
    startError: fc.constant("no such device"),
  },
  { requiredKeys: ["phase"] },
);
const anyEvent: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.record({ kind: fc.constant("admitting" as const) }),
  fc.record({
    kind: fc.constant("answered" as const),
    outcome: fc.constantFrom("admitted", "gone", "conflict", "failed", "unknown"),
    at,
  }),
  fc.record({ kind: fc.constant("observed" as const), job: observation, at }),
  fc.record({ kind: fc.constant("removed" as const), at }),
  fc.record({
    kind: fc.constant("stopAsked" as const),
    cause: fc.constantFrom("user", "operator", "deadline", "scratch", "flavorRemoved"),
  }),
);
const order = ["queued", "starting", "running"];

test("whatever messages come, a job only moves forward, and its end never changes", () => {
  const property = fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
    let record: JobRecord = queuedRecord(makeSpec({ sequence: 1 }));
    for (const event of events) {
      const next = reduce(record, event);
      if (isActive(record.state)) expect(rank(next)).toBeGreaterThanOrEqual(rank(record));
      else expect(endOfRecord(next)).toEqual(endOfRecord(record));
      expect(holdsSlotRightly(next)).toBe(true);
      if (isMessage(event)) expect(reduce(next, event), "the same message again").toBe(next);
      record = next;
    }
  });
  assertProperty("forward only", property, 1000);
});

/** Only a job that could not be started, but was seen to run, holds a slot after its end; a waiting one never does. */
function holdsSlotRightly(record: JobRecord): boolean {
  if (record.state === "queued") return !record.holdsSlot;
  if (isActive(record.state)) return record.holdsSlot;
  return !record.holdsSlot || (record.reason === "StartFailed" && record.startedAt !== undefined);
}

/** Requests and their answers are no messages: they come once. */
function isMessage(event: JobEvent): boolean {
  return event.kind !== "admitting" && event.kind !== "answered";
}

function rank(record: JobRecord): number {
  return isActive(record.state) ? order.indexOf(record.state) : order.length;
}

function endOfRecord({ state, reason, exitCode, endedAt }: JobRecord): unknown {
  return { state, reason, exitCode, endedAt };
}

test("the order in which an engine's true messages arrive, or how often, does not matter", () => {
  const life: readonly JobEvent[] = [
    { kind: "observed", job: { phase: "held" }, at: 1 },
    { kind: "observed", job: { phase: "running", startedAt: 10 }, at: 11 },
    { kind: "observed", job: { phase: "ended", startedAt: 10, endedAt: 20, exitCode: 3 }, at: 21 },
  ];
  const arrivals = fc.array(fc.constantFrom(...life), { maxLength: 8 });
  const property = fc.property(arrivals, fc.shuffledSubarray([...life], { minLength: 3 }), (some, all) => {
    const record = [...some, ...all].reduce(reduce, queuedRecord(makeSpec({ sequence: 1 })));
    expect(record).toEqual({
      ...queuedRecord(makeSpec({ sequence: 1 })),
      state: "failed",
      reason: "CommandFailed",
      startedAt: 10,
      endedAt: 20,
      exitCode: 3,
    });
  });
  assertProperty("order of messages", property, 500);
});
