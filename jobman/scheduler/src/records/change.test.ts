import { expect, test } from "vitest";
import { type Core, createInHand } from "../core/core.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { queuedRecord } from "../queue/index.ts";
import { change, saveEnds } from "./change.ts";
import type { JournalEntry } from "./entry.ts";
import { createJobStore } from "./store.ts";

/** As much of a scheduler as a change needs, with a disk that can be full. */
function makeCore() {
  const written: string[] = [];
  const disk = { full: false };
  const write = async (...lines: readonly string[]): Promise<void> => {
    if (disk.full) throw new Error("full");
    written.push(...lines);
  };
  const core = {
    store: createJobStore(),
    inHand: createInHand(),
    faults: createFaultLog(Date.now, () => undefined),
    audit: { started: () => write("audit start"), ended: () => write("audit end") },
    journal: { append: (entries: readonly JournalEntry[]) => write(...entries.map((entry) => entry.kind)) },
  };
  return { core: core as unknown as Core, written, disk };
}

const spec = makeSpec({ image: "i" });
const running = { kind: "observed", job: { phase: "running", startedAt: 1000 }, at: 1 } as const;
const ended = {
  kind: "observed",
  job: { phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 0 },
  at: 2,
} as const;

test("start and end are written once, however often they are told", async () => {
  const { core, written } = makeCore();
  core.store.put(queuedRecord(spec));
  for (const event of [running, running, ended, running, ended]) change(core, spec.id, event);
  await Promise.all(core.inHand.writes);
  expect(written.toSorted()).toEqual(["audit end", "audit start", "ended", "started"]);
  expect(core.inHand.history.get("no-gpu")).toEqual([1]);
});

test("what a full disk kept from being written is written later, the start before the end", async () => {
  const { core, written, disk } = makeCore();
  core.store.put(queuedRecord(spec));
  disk.full = true;
  change(core, spec.id, running);
  change(core, spec.id, ended);
  await Promise.all(core.inHand.writes);
  expect([written, core.faults.recent().length]).toEqual([[], 2]);
  disk.full = false;
  await saveEnds(core);
  expect(written).toEqual(["audit start", "audit end", "ended"]);
  await saveEnds(core);
  expect(written).toHaveLength(3);
});
