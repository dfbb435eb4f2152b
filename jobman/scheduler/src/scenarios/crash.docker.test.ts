import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listContainers } from "@workstation/docker";
import type { Job } from "@workstation/jobman/protocol";
import { containerLabels } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrashUser, startCrashUser } from "../testing/crash-user.ts";
import { createRandom } from "../testing/random.ts";
import { type Run, type RunWitness, watchRuns } from "../testing/run-witness.ts";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

const rounds = Number(process.env.WORKSTATION_CRASH_ROUNDS ?? 25);
const seed = Number(process.env.WORKSTATION_SEED ?? Date.now() % 1_000_000);
const names = ["ada", "ben", "cleo", "dan", "eva", "fay"];
const slots: Readonly<Record<string, number>> = { "no-gpu": 2, narrow: 1 };

let scheduler: SchedulerProcess;
let witness: RunWitness;

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) => text.replace("name: long", "name: narrow"),
  });
  await scheduler.addUsers(names);
  witness = await watchRuns(scheduler.docker, scheduler.instance);
});
afterAll(async () => {
  witness.stop();
  await scheduler.dispose();
});

test(
  `nothing is lost and nothing runs twice when the scheduler is killed ${rounds} times (seed ${seed})`,
  async () => {
    console.log(`WORKSTATION_SEED=${seed} WORKSTATION_CRASH_ROUNDS=${rounds}`);
    const random = createRandom(seed);
    await scheduler.start();
    const users = names.map((name) => startCrashUser({ name, as: scheduler.as(name), random }));
    const seen = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      await delay(random() * 1200);
      for (const job of (await scheduler.status())?.jobs ?? []) seen.add(job.stopping ? "ending" : job.state);
      await scheduler.kill("SIGKILL");
      await scheduler.start();
      await expectNothingLost(users);
    }
    await Promise.all(users.map((user) => user.stop()));
    await expectAllToEnd();
    await expectNothingLost(users);
    await expectNothingTwice(users);
    await expectLimitsKept();
    await expectSlotsFree();
    // A few rounds may miss one.
    if (rounds >= 20) expect([...seen].sort()).toEqual(["ending", "queued", "running", "starting"]);
    expect(users.flatMap((user) => user.refusals)).toEqual([]);
    expect(users.reduce((sum, user) => sum + user.accepted.size, 0)).toBeGreaterThan(rounds);
  },
  120_000 + rounds * 8_000,
);

async function listJobs(user: string): Promise<readonly Job[]> {
  return (await scheduler.as(user)("GET", "/v1/jobs")).body.jobs;
}

async function expectNothingLost(users: readonly CrashUser[]): Promise<void> {
  for (const user of users) {
    const wanted = [...user.accepted];
    const jobs = await listJobs(user.name);
    const there = new Set(jobs.map((job) => job.name));
    for (const job of jobs) expect(honestReasons).toContain(job.reason);
    expect(wanted.filter((name) => !there.has(name) && !user.forgotten.has(name))).toEqual([]);
  }
}

/** Nothing here is ended but by itself or its owner: a forgotten wish to end would show as a signal. */
const honestReasons = [
  "WaitingForSlot",
  "UserLimit",
  "Starting",
  "Running",
  "Completed",
  "CommandFailed",
  "DeletedByUser",
];

async function expectAllToEnd(): Promise<void> {
  await until("all jobs have ended", async () => (await scheduler.status())?.jobs.length === 0, 60_000);
  const label = `${containerLabels.instance}=${scheduler.instance}`;
  await until(
    "no container is left",
    async () => (await listContainers(scheduler.docker, label)).length === 0,
    60_000,
  );
}

async function expectNothingTwice(users: readonly CrashUser[]): Promise<void> {
  for (const user of users) {
    const text = await readFile(join(scheduler.home(user.name), "runs"), "utf8").catch(() => "");
    const started = text.trim().split("\n");
    expect(started.length).toBe(new Set(started).size);
    for (const job of await listJobs(user.name)) {
      if (job.state === "succeeded" || job.exitCode === 3) expect(started).toContain(job.name);
    }
  }
}

async function expectLimitsKept(): Promise<void> {
  const ends = () => [...witness.runs.values()].every((run) => run.to !== undefined);
  await until("the witness knows every end", ends);
  const all = [...witness.runs.values()];
  for (const [flavor, count] of Object.entries(slots)) {
    expect(mostAtOnce(all.filter((run) => run.flavor === flavor))).toBeLessThanOrEqual(count);
  }
  for (const name of names) expect(mostAtOnce(all.filter((run) => run.owner === name))).toBe(1);
}

/** The largest number of runs that overlap; an end at the very moment of a start frees its slot. */
function mostAtOnce(some: readonly Run[]): number {
  const changes = some
    .flatMap((run) => [
      { at: run.from, by: 1 },
      { at: run.to ?? Number.POSITIVE_INFINITY, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

async function expectSlotsFree(): Promise<void> {
  const long = { arguments: ["sleep", "600"] };
  const takers = names.slice(0, 3);
  for (const [index, name] of takers.entries()) {
    await scheduler.as(name)("POST", "/v1/jobs", {
      ...long,
      name: "last",
      flavor: index < 2 ? "no-gpu" : "narrow",
    });
  }
  for (const name of takers) {
    await until(`${name} has a slot`, async () => {
      const { body } = await scheduler.as(name)("GET", "/v1/jobs/last");
      return body.state === "running";
    });
  }
  await Promise.all(takers.map((name) => scheduler.as(name)("DELETE", "/v1/jobs")));
}
