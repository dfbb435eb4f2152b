import { describe, expect, test } from "vitest";
import type { EngineJob } from "../platforms/engine.ts";
import type { JobSpec } from "../queue/index.ts";
import type { JournalEntry } from "./entry.ts";
import { createMemory, remember } from "./memory.ts";
import { recover } from "./recover.ts";

const now = 1_000_000;

function recoverFrom(entries: readonly JournalEntry[], jobs: readonly EngineJob[], at: number) {
  const memory = createMemory();
  for (const entry of entries) remember(memory, entry);
  return recover(memory, jobs, at);
}

function makeSpec(id: string, sequence = 1): JobSpec & { arguments: string[]; datasets: string[] } {
  return {
    id,
    name: id,
    owner: "alice",
    uid: 1000,
    gid: 1000,
    image: "i:1",
    flavor: "no-gpu",
    arguments: [],
    exact: false,
    annotations: {},
    datasets: [],
    timeLimitSeconds: 60,
    sequence,
    submittedAt: now - 100_000,
  };
}

const held = (id: string): EngineJob => ({ spec: makeSpec(id), phase: "held" });
const running = (id: string): EngineJob => ({ spec: makeSpec(id), phase: "running", startedAt: now - 5000 });
const ended = (id: string, exitCode: number): EngineJob => ({
  spec: makeSpec(id),
  phase: "ended",
  startedAt: now - 5000,
  endedAt: now - 1000,
  exitCode,
});
const accepted = (id: string, sequence = 1): JournalEntry => ({
  kind: "accepted",
  spec: makeSpec(id, sequence),
});
const stop = (id: string, by: "user" | "scratch" = "user"): JournalEntry => ({
  kind: "stop",
  id,
  by,
  at: now,
});
const endedEntry = (id: string): JournalEntry => ({
  kind: "ended",
  record: {
    spec: makeSpec(id),
    state: "succeeded",
    reason: "Completed",
    startedAt: 1000,
    endedAt: 4000,
    exitCode: 0,
    holdsSlot: false,
  },
});

describe("the state after a restart", () => {
  test.each<[string, readonly JournalEntry[], readonly EngineJob[], object]>([
    ["a waiting job waits", [accepted("a")], [held("a")], { state: "queued", holdsSlot: false }],
    [
      "a running job runs from when it started",
      [],
      [running("a")],
      { state: "running", startedAt: now - 5000 },
    ],
    ["a job that ended meanwhile ended", [accepted("a")], [ended("a", 3)], { state: "failed", exitCode: 3 }],
    [
      "a stop that was asked for is remembered",
      [stop("a")],
      [running("a")],
      { state: "running", stopping: "user" },
    ],
    [
      "a limit that it passed is remembered",
      [stop("a", "scratch")],
      [ended("a", 137)],
      { reason: "ScratchLimit" },
    ],
    [
      "and stands below a person's wish",
      [stop("a", "scratch"), stop("a")],
      [ended("a", 137)],
      { reason: "DeletedByUser" },
    ],
    ["a job that was stopped meanwhile was deleted", [stop("a")], [ended("a", 143)], { state: "deleted" }],
    [
      "an end in the journal stands",
      [endedEntry("a")],
      [ended("a", 137)],
      { state: "succeeded", exitCode: 0 },
    ],
    ["an end is told without its container, too", [endedEntry("a")], [], { state: "succeeded" }],
    ["an accepted job without container was removed", [accepted("a")], [], { reason: "ContainerRemoved" }],
    ["or deleted, when that was asked for", [accepted("a"), stop("a")], [], { reason: "DeletedByUser" }],
    ["a job that ended but runs holds its slot", [endedEntry("a")], [running("a")], { holdsSlot: true }],
  ])("%s", (_, entries, jobs, expected) => {
    expect(recoverFrom(entries, jobs, now).records).toMatchObject([expected]);
  });

  test("is the engine's alone when the journal is lost", () => {
    const { records } = recoverFrom([], [held("a"), running("b"), ended("c", 0)], now);
    expect(records.map((record) => record.state)).toEqual(["queued", "running", "succeeded"]);
  });
});

test("a forgotten job stays forgotten when its end was written behind that", () => {
  expect(
    recoverFrom([accepted("a"), { kind: "forgotten", id: "a" }, endedEntry("a")], [], now).records,
  ).toEqual([]);
});

test("a forgotten job never comes back, and its container is to be removed", () => {
  const recovered = recoverFrom([endedEntry("a"), { kind: "forgotten", id: "a" }], [ended("a", 0)], now);
  expect(recovered.records).toEqual([]);
  expect(recovered.forgotten).toEqual(["a"]);
  expect(recovered.history.get("no-gpu")).toEqual([3]);
});

test("sequence numbers go on behind every one that was ever given", () => {
  expect(recoverFrom([accepted("a", 7)], [held("b")], now).lastSequence).toBe(7);
  expect(recoverFrom([{ kind: "sequence", upTo: 9 }], [held("b")], now).lastSequence).toBe(9);
});

test("an end is new to audit and journal until the journal has it", () => {
  const { newlyEnded } = recoverFrom([accepted("a"), endedEntry("b")], [ended("a", 0), ended("b", 0)], now);
  expect(newlyEnded.map((record) => record.spec.id)).toEqual(["a"]);
});
