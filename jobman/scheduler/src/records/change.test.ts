import { expect, test } from "vitest";
import { createBackground } from "../diagnostics/background.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import type { JournalEntry } from "./entry.ts";
import { createRecords } from "./records.ts";
import type { RecordsParts } from "./state.ts";

/** Records on a disk that can be full. */
function makeRecords() {
  const written: string[] = [];
  const disk = { full: false };
  const write = async (...lines: readonly string[]): Promise<void> => {
    if (disk.full) throw new Error("full");
    written.push(...lines);
  };
  const faults = createFaultLog(Date.now, () => undefined);
  const background = createBackground(faults);
  const parts = {
    now: () => 3000,
    wake: () => undefined,
    faults,
    background,
    audit: { started: () => write("audit start"), ended: () => write("audit end") },
    journal: { append: (entries: readonly JournalEntry[]) => write(...entries.map((entry) => entry.kind)) },
  };
  const records = createRecords(parts as unknown as RecordsParts);
  return { records, faults, settled: background.settled, written, disk };
}

const spec = makeSpec({ image: "i" });
const running = { kind: "observed", job: { phase: "running", startedAt: 1000 }, at: 1 } as const;
const ended = {
  kind: "observed",
  job: { phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 0 },
  at: 2,
} as const;

test("start and end are written once, however often they are told", async () => {
  const { records, settled, written } = makeRecords();
  records.adopt(spec);
  for (const event of [running, running, ended, running, ended]) records.change(spec.id, event);
  await settled();
  expect(written.toSorted()).toEqual(["audit end", "audit start", "ended", "started"]);
  expect(records.history().get("no-gpu")).toEqual([1]);
});

test("what a full disk kept from being written is written later, the start before the end", async () => {
  const { records, faults, settled, written, disk } = makeRecords();
  records.adopt(spec);
  disk.full = true;
  records.change(spec.id, running);
  records.change(spec.id, ended);
  await settled();
  expect([written, [...faults.counts().values()]]).toEqual([[], [2]]);
  disk.full = false;
  await records.saveEnds();
  expect(written).toEqual(["audit start", "audit end", "ended"]);
  await records.saveEnds();
  expect(written).toHaveLength(3);
});
