import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listContainers } from "@workstation/docker";
import type { Job } from "@workstation/jobman/protocol";
import { containerLabels } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CrashUser, startCrashUser } from "./testing/crash-user.ts";
import { createRandom } from "./testing/random.ts";
import { makeSchedulerProcess, type SchedulerProcess } from "./testing/scheduler-process.ts";
import { until } from "./testing/until.ts";

const rounds = Number(process.env.WORKSTATION_CRASH_ROUNDS ?? 50);
const seed = Number(process.env.WORKSTATION_SEED ?? Date.now() % 1_000_000);
const names = ["ada", "ben", "cleo", "dan", "eva", "fay"];
const slots: Readonly<Record<string, number>> = { "no-gpu": 2, narrow: 1 };

let scheduler: SchedulerProcess;
/** When each job ran, also of those that are forgotten by now. */
const runs = new Map<string, Run>();

const stillRunning = Number.MAX_SAFE_INTEGER;

interface Run {
  readonly owner: string;
  readonly flavor: string;
  readonly from: number;
  readonly to: number;
}

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) => text.replace("name: long", "name: narrow"),
  });
  await scheduler.addUsers(names);
});
afterAll(() => scheduler.dispose());

test(
  `nothing is lost and nothing runs twice when the scheduler is killed ${rounds} times (seed ${seed})`,
  async () => {
    console.log(`WORKSTATION_SEED=${seed} WORKSTATION_CRASH_ROUNDS=${rounds}`);
    const random = createRandom(seed);
    await scheduler.start();
    const users = names.map((name) =>
      startCrashUser({ name, as: scheduler.as(name), random, beforeForget: () => recordRuns() }),
    );
    const seen = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      await delay(random() * 1200);
      for (const job of (await scheduler.status())?.jobs ?? []) seen.add(job.stopping ? "ending" : job.state);
      await scheduler.kill("SIGKILL");
      await scheduler.start();
      await recordRuns();
      await expectNothingLost(users);
    }
    await Promise.all(users.map((user) => user.stop()));
    await expectAllToEnd();
    await recordRuns();
    await expectNothingLost(users);
    await expectNothingTwice(users);
    expectLimitsKept();
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

function expectLimitsKept(): void {
  // By now everything has ended: a run without an end is that of a container that was removed before we looked.
  const all = [...runs.values()].filter((run) => run.to !== stillRunning);
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
      { at: run.to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  let [now, most] = [0, 0];
  for (const { by } of changes) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}

/** Containers go soon after their end, records stay. */
async function recordRuns(): Promise<void> {
  for (const owner of names) {
    for (const { id, flavor, startedAt, endedAt } of await listJobs(owner).catch(() => [])) {
      if (startedAt === undefined) continue;
      const to = endedAt === undefined ? stillRunning : Date.parse(endedAt);
      runs.set(id, { owner, flavor, from: Date.parse(startedAt), to });
    }
  }
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
