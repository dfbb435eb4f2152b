import { execFileSync } from "node:child_process";
import { connectDocker, listVolumes } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import { containerLabels } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSchedulerProcess, plainImage, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

const obstacle = privateDaemonObstacle();
let dockerd: PrivateDaemon;
let scheduler: SchedulerProcess;

describe.skipIf(obstacle !== undefined)(`on an engine that may open little ${obstacle ?? ""}`, () => {
  beforeAll(async () => {
    dockerd = await makePrivateDaemon();
    await dockerd.copyImage(await connectDocker(), plainImage);
    const pid = /\d+/.exec(dockerd.networkNamespace())?.[0] ?? "";
    execFileSync("prlimit", ["--pid", pid, "--nofile=512:"]);
    scheduler = await makeSchedulerProcess({ dockerHost: dockerd.host });
    await scheduler.addUsers(["ada", "mallory"]);
    await scheduler.start();
  }, 120_000);
  afterAll(async () => {
    await scheduler?.dispose();
    await dockerd?.dispose();
  });

  test("a tree that is deeper than that goes with its job, and keeps nobody else's from going", async () => {
    const deep = 'cd /tmp; for i in $(seq 2000); do mkdir "$0" && cd -P "./$0" || exit 1; done';
    await finish("mallory", ["sh", "-c", deep, "a"]);
    await finish("ada", ["true"]);
    await until("all volumes are gone", async () => (await volumes()).length === 0, 20_000);
    expect((await scheduler.status())?.faults).toEqual([]);
  }, 120_000);
});

/** Those of jobs: the scheduler has one of its own. */
async function volumes() {
  const all = await listVolumes(dockerd.docker, `${containerLabels.instance}=${scheduler.instance}`);
  return all.filter(({ labels }) => labels[containerLabels.kind] === "job");
}

async function finish(user: string, command: readonly string[]): Promise<void> {
  const { status, body } = await scheduler.as(user)("POST", "/v1/jobs", { arguments: command });
  expect(status).toBe(201);
  const look = async () => (await scheduler.as(user)("GET", `/v1/jobs/${body.job.name}`)).body.state;
  await until(`${user}'s job succeeded`, async () => (await look()) === "succeeded", 60_000);
}
