import { mkdtemp, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fileSink } from "../files/line-sink.ts";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { queuedRecord } from "../queue/index.ts";
import { type AuditLog, openAuditLog, type Refusal } from "./audit-log.ts";

let folder: string;
let file: string;
let audit: AuditLog;
let clock: { now: number };
let disk: { touched: boolean };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-audit-"));
  file = join(folder, "audit.jsonl");
  clock = { now: 0 };
  disk = { touched: false };
  audit = await openAuditLog(fileSink(file), {
    now: () => clock.now,
    reserve: { place: "the disk", isTouched: async () => disk.touched },
    onFault: (error) => {
      throw error;
    },
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function readEvents(): Promise<readonly Record<string, unknown>[]> {
  return (await readFile(file, "utf8"))
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const refusal: Refusal = { user: "mal", code: "USER_LIMIT", message: "no" };

test("a flood of refusals, each as large as can be, fills no disk, and what was left out is counted", async () => {
  const hostile = "\u0001".repeat(131_072);
  const large = {
    ...refusal,
    message: hostile,
    name: hostile,
    image: hostile,
    command: Array.from({ length: 8 }, () => hostile),
    datasets: Array.from({ length: 256 }, () => hostile.slice(0, 256)),
  };
  for (let tries = 0; tries < 500; tries += 1) await audit.refused(large);
  expect((await stat(file)).size).toBeLessThan(20 * 8192);
  clock.now = 1000;
  await audit.refused(refusal);
  expect((await readEvents()).slice(-2)).toMatchObject([
    { event: "refusals", user: "mal", more: 480 },
    { event: "refusal", user: "mal", message: "no" },
  ]);
  await audit.refused(refusal);
  await audit.close();
  expect((await readEvents()).at(-1)).toMatchObject({ event: "refusals", user: "mal", more: 1 });
});

test("on a disk that is all but full refusals are counted, and starts and ends are written", async () => {
  disk.touched = true;
  await expect(audit.refused(refusal)).rejects.toThrow(/reserve/);
  await audit.started({ ...queuedRecord(makeSpec({ image: "i" })), startedAt: 5 });
  disk.touched = false;
  await audit.refused(refusal);
  expect((await readEvents()).map(({ event, more }) => [event, more])).toEqual([
    ["start", undefined],
    ["refusals", 1],
    ["refusal", undefined],
  ]);
});

test("a command of a megabyte of control characters takes 16 KiB of a line, and says what is missing", async () => {
  const spec = makeSpec({ image: "i", arguments: Array.from({ length: 8 }, () => "\u0001".repeat(131_072)) });
  await audit.ended({ ...queuedRecord(spec), state: "succeeded", reason: "Completed" });
  expect((await stat(file)).size).toBeLessThan(17_500);
  const [line] = await readEvents();
  expect(line?.command).toEqual([expect.stringMatching(/ \(\d+ more characters\)$/), "(7 more)"]);
});

test("whoever moved the file away has a new one to go on in, and nothing is lost between", async () => {
  await audit.refused(refusal);
  await rename(file, `${file}.1`);
  await audit.refused(refusal);
  await audit.reopen();
  await audit.refused({ ...refusal, code: "NAME_TAKEN" });
  expect(await readEvents()).toMatchObject([{ code: "NAME_TAKEN" }]);
  expect((await readFile(`${file}.1`, "utf8")).split("\n")).toHaveLength(3);
});
