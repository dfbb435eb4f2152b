import { expect, test } from "vitest";
import type { EngineJob } from "../platforms/engine.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import type { JobSpec } from "../queue/index.ts";
import type { JournalEntry } from "./entry.ts";
import { livingEntries } from "./living.ts";
import { createMemory, remember } from "./memory.ts";
import { type Recovered, recover } from "./recover.ts";
import { fill } from "./resume.ts";
import { createRecordsState, type RecordsParts, type RecordsState } from "./state.ts";

const now = 1_000_000;

function recoverFrom(entries: Iterable<JournalEntry>, jobs: readonly EngineJob[]) {
  const memory = createMemory();
  for (const entry of entries) remember(memory, entry);
  return recover(memory, jobs, now);
}

/** The memory of a scheduler after a start that recovered so much. */
function stateAfter(recovered: Recovered): RecordsState {
  const state = createRecordsState({ now: () => now } as RecordsParts);
  fill(state, recovered);
  return state;
}

function spec(id: string, sequence = 1): JobSpec {
  return makeSpec({ id, sequence, image: "i", submittedAt: now - 9000 });
}

function accepted(id: string, sequence?: number): JournalEntry {
  return { kind: "accepted", spec: spec(id, sequence) };
}

function ended(id: string, seconds: number, startError?: string): JournalEntry {
  const state = { state: "succeeded", reason: "Completed", exitCode: 0, holdsSlot: false } as const;
  const record = { spec: spec(id), ...state, startedAt: now - 5000, endedAt: now - 5000 + 1000 * seconds };
  return { kind: "ended", record, ...(startError === undefined ? {} : { startError }) };
}

test("what lives tells the same as the long journal, and what was removed is no more in it than its run", () => {
  const entries: readonly JournalEntry[] = [
    accepted("running", 4),
    { kind: "started", id: "running", at: now - 4000 },
    { kind: "stop", id: "running", by: "user", at: now },
    accepted("gone", 5),
    ended("gone", 2),
    { kind: "forgotten", id: "gone" },
    accepted("ended", 6),
    ended("ended", 2),
    ended("faulty", 1, "no such device"),
    accepted("waiting", 7),
    accepted("left", 9),
    ended("left", 3),
    { kind: "forgotten", id: "left" },
  ];
  const jobs: readonly EngineJob[] = [
    { spec: spec("running", 4), phase: "running", startedAt: now - 4000 },
    { spec: spec("waiting", 7), phase: "held" },
    { spec: spec("left", 9), phase: "ended", startedAt: now - 5000, endedAt: now - 2000, exitCode: 0 },
  ];
  const long = recoverFrom(entries, jobs);
  const living = [...livingEntries(stateAfter(long))];
  expect(recoverFrom(living, jobs)).toEqual(long);
  expect(JSON.stringify(living)).not.toContain('"gone"');
  expect(living.filter((entry) => entry.kind === "ran")).toEqual([
    { kind: "ran", flavor: "no-gpu", seconds: 2 },
    { kind: "ran", flavor: "no-gpu", seconds: 3 },
  ]);
});

test("an end that the audit may not have is not among what lives: the next start writes it", () => {
  const jobs: readonly EngineJob[] = [
    { spec: spec("a"), phase: "ended", startedAt: now - 5000, endedAt: now - 2000, exitCode: 3 },
  ];
  const first = recoverFrom([accepted("a")], jobs);
  const living = livingEntries(stateAfter(first));
  expect(recoverFrom(living, jobs).newlyEnded).toEqual(first.newlyEnded);
});

test("what lives is what lived when it was asked, however slowly it is read", () => {
  const state = stateAfter(recoverFrom([accepted("a"), ended("b", 1)], [{ spec: spec("a"), phase: "held" }]));
  const living = livingEntries(state);
  state.store.remove("b");
  state.books.set("b", { endOwed: true });
  expect([...living].map(({ kind }) => kind)).toEqual(["sequence", "ended", "accepted"]);
});
