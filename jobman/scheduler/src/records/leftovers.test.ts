import { expect, test } from "vitest";
import { createBackground } from "../diagnostics/background.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import type { Records } from "./records.ts";
import { createRecords } from "./records.ts";
import type { RecordsParts } from "./state.ts";

/** Records whose disk takes everything, at a time that the test sets. */
function makeRecords({ keepsRecords = false } = {}) {
  const clock = { now: 10_000, woken: 0 };
  const faults = createFaultLog(Date.now, () => undefined);
  const background = createBackground(faults);
  const done = async () => undefined;
  const parts = {
    now: () => clock.now,
    wake: () => {
      clock.woken += 1;
    },
    faults,
    background,
    keepsRecords,
    audit: { started: done, ended: done },
    journal: { append: done },
  };
  const records = createRecords(parts as unknown as RecordsParts);
  return { records, clock, settled: background.settled };
}

function end(records: Records, id: string): void {
  records.adopt(makeSpec({ id, image: "i" }));
  const job = { phase: "ended", startedAt: 1000, endedAt: 2000, exitCode: 0 } as const;
  records.change(id, { kind: "observed", job, at: 2000 });
}

test("what the engine has of a job is left over once its end is written, and half a second later", async () => {
  const { records, clock, settled } = makeRecords();
  end(records, "a");
  expect(records.leftovers()).toEqual({ due: [], next: undefined, failing: 0 });
  await settled();
  expect([records.leftovers(), clock.woken]).toEqual([{ due: [], next: 10_500, failing: 0 }, 1]);
  clock.now = 10_500;
  expect(records.leftovers().due).toEqual([{ id: "a", keep: "log", failures: 0 }]);
  records.noteRemoval({ id: "a", keep: "log", failures: 0 }, true);
  expect(records.leftovers()).toEqual({ due: [], next: undefined, failing: 0 });
});

test("a removal that starts put off is due after half a minute all the same", async () => {
  const { records, clock, settled } = makeRecords();
  end(records, "a");
  await settled();
  clock.now = 11_000;
  expect(records.leftovers({ urgentOnly: true })).toMatchObject({ due: [], next: 40_500 });
  clock.now = 40_500;
  expect(records.leftovers({ urgentOnly: true }).due).toMatchObject([{ id: "a", keep: "log" }]);
});

test("a removal that did not succeed is tried again in a minute, then ever later, at least once an hour", () => {
  const { records, clock } = makeRecords();
  records.giveUp(["a"]);
  const pauses = Array.from({ length: 8 }, () => {
    for (const leftover of records.leftovers().due) records.noteRemoval(leftover, false);
    const { due, next = 0, failing } = records.leftovers();
    expect([due, failing]).toEqual([[], 1]);
    const minutes = (next - clock.now) / 60_000;
    clock.now = next;
    return minutes;
  });
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  for (const leftover of records.leftovers().due) records.noteRemoval(leftover, true);
  expect(records.leftovers()).toEqual({ due: [], next: undefined, failing: 0 });
});

test("where objects are the records, a removal that did not succeed is tried again in two seconds: its owner waits for it", () => {
  const { records, clock } = makeRecords({ keepsRecords: true });
  records.giveUp(["a"]);
  for (const leftover of records.leftovers().due) records.noteRemoval(leftover, false);
  expect(records.leftovers().next).toBe(clock.now + 2000);
});

test("what was kept of a job goes, too, when the job is forgotten while its container is being removed", async () => {
  const { records, clock, settled } = makeRecords();
  end(records, "a");
  await settled();
  clock.now = 11_000;
  const [removal] = records.leftovers().due;
  await records.forget(records.ended());
  records.giveUp(["a"]);
  if (removal !== undefined) records.noteRemoval(removal, true);
  expect([removal?.keep, records.leftovers().due]).toEqual(["log", [{ id: "a", keep: false, failures: 0 }]]);
});

test("what still runs is not left over, whatever its record says", async () => {
  const { records, clock, settled } = makeRecords();
  end(records, "a");
  await settled();
  records.holdSlot("a");
  clock.now = 20_000;
  expect(records.leftovers()).toEqual({ due: [], next: undefined, failing: 0 });
});
