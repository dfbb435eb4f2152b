import { expect, test } from "vitest";
import type { Core } from "../core/core.ts";
import { createBackground } from "../diagnostics/background.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { type JobRecord, queuedRecord } from "../queue/index.ts";
import type { JournalEntry } from "../records/entry.ts";
import { createRecords } from "../records/records.ts";
import type { RecordsParts } from "../records/state.ts";
import { deleteJobs } from "./delete.ts";

/** As much of a scheduler as a deletion needs; `done` has all that was written and asked for, in order. */
function makeCore(records: readonly JobRecord[]) {
  const done: string[] = [];
  const write = async (entries: readonly JournalEntry[]): Promise<void> => {
    done.push(`write ${entries.map(({ kind }) => kind).join(" ")}`);
  };
  const faults = createFaultLog(Date.now, () => undefined);
  const parts = {
    now: () => 5000,
    faults,
    background: createBackground(faults),
    audit: { started: async () => undefined, ended: async () => undefined },
    journal: { append: write, shorten: async () => undefined, keepShort: () => undefined },
    wake: () => undefined,
  };
  const core = {
    ...parts,
    engine: {},
    records: createRecords(parts as unknown as RecordsParts),
    site: { limits: { stopGrace: 1 } },
    wake: () => done.push("look at the queue"),
  } as unknown as Core;
  for (const { spec, state } of records) {
    core.records.adopt(spec);
    const phase = state === "running" ? "running" : "ended";
    const job = { phase, startedAt: 1000, endedAt: 2000, exitCode: 0 } as const;
    core.records.change(spec.id, { kind: "observed", job, at: 2000 });
  }
  return { core, done };
}

const ended = (id: string): JobRecord => ({
  ...queuedRecord(makeSpec({ id, image: "i" })),
  state: "succeeded",
  reason: "Completed",
});
const running = (id: string): JobRecord => ({
  ...queuedRecord(makeSpec({ id, image: "i" })),
  state: "running",
  reason: "Running",
  startedAt: 1000,
  holdsSlot: true,
});

test("what runs is stopped first, ended jobs cost one write together, and their containers wait until it has ended", async () => {
  const records = [ended("a"), ended("b"), running("c"), running("d")];
  const { core, done } = makeCore(records);
  await core.background.settled();
  done.length = 0;
  const given = records.map(({ spec }) => core.records.get(spec.id)).filter((each) => each !== undefined);
  const deleting = deleteJobs(core, given, "user");
  const wishes = ["write stop stop", "look at the queue", "write forgotten forgotten"];
  await expect.poll(() => done).toEqual(wishes);
  expect(core.records.leftovers().due).toEqual([]);
  for (const id of ["c", "d"]) {
    const job = { phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 143 } as const;
    core.records.change(id, { kind: "observed", job, at: 3000 });
  }
  expect((await deleting).map(({ state }) => state)).toEqual([
    "succeeded",
    "succeeded",
    "deleted",
    "deleted",
  ]);
  expect(core.records.leftovers().due).toEqual([
    { id: "a", keep: false, failures: 0 },
    { id: "b", keep: false, failures: 0 },
  ]);
  await core.background.settled();
  expect(done).toEqual([...wishes, "write ended", "write ended"]);
  expect([core.records.get("a"), core.records.get("d")?.reason]).toEqual([undefined, "DeletedByUser"]);
});
