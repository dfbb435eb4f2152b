import { expect, test } from "vitest";
import { makeSpec } from "../queue/testing/make-job.ts";
import { createInFlight } from "./in-flight.ts";

test("a job has one thing in flight: the next begins when the first is answered", () => {
  const inFlight = createInFlight(() => 0);
  expect([inFlight.begin("a", "admitting"), inFlight.begin("a", "ending")]).toEqual([true, false]);
  expect([inFlight.count("admitting"), inFlight.count("ending")]).toEqual([1, 0]);
  inFlight.finish("a");
  expect([inFlight.begin("a", "ending"), inFlight.has("b")]).toEqual([true, false]);
});

test("what the engine says of a job that is being made is parked, in order, until it is made", () => {
  const inFlight = createInFlight(() => 0);
  inFlight.begin("a", "creating");
  inFlight.begin("b", "removing");
  const spec = makeSpec({ sequence: 1 });
  const events = [
    { kind: "changed", job: { spec, phase: "running" } },
    { kind: "removed", id: "a" },
  ] as const;
  expect(events.map((event) => inFlight.park("a", event))).toEqual([true, true]);
  expect([inFlight.park("b", events[0]), inFlight.park("c", events[0])]).toEqual([false, false]);
  expect(inFlight.creating()).toEqual(["a"]);
  expect(inFlight.finish("a")).toEqual(events);
  expect([inFlight.finish("a"), inFlight.has("a")]).toEqual([[], false]);
});
