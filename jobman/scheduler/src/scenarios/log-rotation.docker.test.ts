import { mkdir, readFile, rename, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

let scheduler: SchedulerProcess;

beforeAll(async () => {
  scheduler = await makeSchedulerProcess();
  await scheduler.addUsers(["ada"]);
  await scheduler.start();
});
afterAll(() => scheduler.dispose());

test("after SIGHUP the scheduler goes on in new files, and remembers what was in the old ones", async () => {
  const ada = scheduler.as("ada");
  await submit(ada, { name: "before" });
  await inState(ada, "before", "succeeded");
  const file = (name: string) => join(scheduler.state, name);
  const read = (name: string) => readFile(file(name), "utf8").catch(() => "");
  await until("the end is written", async () => (await read("jobs.jsonl")).includes('"ended"'));
  for (const name of ["jobs.jsonl", "audit.jsonl"]) await rename(file(name), file(`${name}.1`));
  const pid = scheduler.pid();
  scheduler.signal("SIGHUP");
  await until("there is a new journal", async () => (await read("jobs.jsonl")).includes("before"));
  await submit(ada, { name: "after" });
  await inState(ada, "after", "succeeded");
  await until("its end is in the new audit", async () => (await read("audit.jsonl")).includes('"end"'));
  expect((await read("audit.jsonl")).includes("before")).toBe(false);
  expect((await read("audit.jsonl.1")).includes("after")).toBe(false);
  expect((await scheduler.status())?.pid).toBe(pid);
  await scheduler.kill("SIGTERM");
  await scheduler.start();
  const { body } = await ada("GET", "/v1/jobs");
  expect(body.jobs).toMatchObject([
    { name: "before", state: "succeeded" },
    { name: "after", state: "succeeded" },
  ]);
});

test("a SIGHUP that could not be followed is a fault for the operator", async () => {
  const audit = join(scheduler.state, "audit.jsonl");
  await rename(audit, `${audit}.2`);
  await mkdir(audit);
  scheduler.signal("SIGHUP");
  const faults = async () => (await scheduler.status())?.faults ?? [];
  await until("it is told", async () => (await faults()).some(({ where }) => where === "files"));
  await rmdir(audit);
});
