import { expect, test } from "vitest";
import { type Core, createInHand } from "../core/core.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { type JobRecord, queuedRecord } from "../queue/index.ts";
import { change } from "../records/change.ts";
import type { JournalEntry } from "../records/entry.ts";
import { createJobStore } from "../records/store.ts";
import { deleteJobs } from "./delete.ts";

/** As much of a scheduler as a deletion needs; `done` has all that was written and asked of the engine, in order. */
function makeCore(records: readonly JobRecord[]) {
  const done: string[] = [];
  const write = async (entries: readonly JournalEntry[]): Promise<void> => {
    done.push(`write ${entries.map(({ kind }) => kind).join(" ")}`);
  };
  const core = {
    store: createJobStore(),
    inHand: createInHand(),
    now: () => 5000,
    site: { limits: { stopGrace: 1 } },
    faults: createFaultLog(Date.now, () => undefined),
    audit: { started: async () => undefined, ended: async () => undefined },
    journal: { append: write },
    wake: () => done.push("look at the queue"),
    engine: { end: async (id: string) => void done.push(`remove ${id}`) },
  };
  for (const record of records) {
    core.store.put(record);
    if (record.startedAt !== undefined) core.inHand.startNoted.add(record.spec.id);
  }
  return { core: core as unknown as Core, done };
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
  const deleting = deleteJobs(core, records, "user");
  const wishes = ["write stop stop", "look at the queue", "write forgotten forgotten"];
  await expect.poll(() => done).toEqual(wishes);
  for (const id of ["c", "d"]) {
    const job = { phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 143 } as const;
    change(core, id, { kind: "observed", job, at: 3000 });
  }
  expect((await deleting).map(({ state }) => state)).toEqual([
    "succeeded",
    "succeeded",
    "deleted",
    "deleted",
  ]);
  await Promise.all(core.inHand.writes);
  expect(done.toSorted()).toEqual(
    [...wishes, "remove a", "remove b", "write ended", "write ended"].toSorted(),
  );
  expect([core.store.get("a"), core.store.get("d")?.reason]).toEqual([undefined, "DeletedByUser"]);
});
