import { connectDocker } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import type { Job } from "@workstation/jobman/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSchedulerProcess, plainImage, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

const obstacle = privateDaemonObstacle();
let dockerd: PrivateDaemon;
let scheduler: SchedulerProcess;

describe.skipIf(obstacle !== undefined)(
  `when the engine itself fails${obstacle === undefined ? "" : `: ${obstacle}`}`,
  () => {
    beforeAll(async () => {
      dockerd = await makePrivateDaemon();
      await dockerd.copyImage(await connectDocker(), plainImage);
      scheduler = await makeSchedulerProcess({ dockerHost: dockerd.host });
      await scheduler.addUsers(["ada", "ben", "cleo"]);
      await scheduler.start();
    });
    afterAll(async () => {
      await scheduler?.dispose();
      await dockerd?.dispose();
    });

    test.each(["stop", "kill"] as const)(
      "%s of dockerd: what ran is lost to the node, what waited runs afterwards, nobody is over the limit",
      async (fault) => {
        const ada = await submit("ada", "sleep 600");
        await inState("ada", ada.name, "running");
        const ben = await submit("ben", "exit 0");
        await dockerd[fault]();
        const refused = await scheduler.as("cleo")("POST", "/v1/jobs", { arguments: ["true"] });
        expect([refused.status, refused.body.code]).toEqual([503, "ENGINE_UNAVAILABLE"]);
        expect(await stateOf("ben", ben.name)).toMatchObject({ state: "queued", position: 1 });
        await dockerd.start();
        expect(await inState("ada", ada.name, "failed")).toMatchObject({ reason: "NodeLost" });
        await inState("ben", ben.name, "succeeded");
        await forgetAll();
      },
      120_000,
    );

    test("a prune while jobs wait ends them with their own reason, and the queue goes on", async () => {
      const ada = await submit("ada", "sleep 600");
      await inState("ada", ada.name, "running");
      const ben = await submit("ben", "exit 0");
      await dockerd.docker.pruneContainers();
      expect(await inState("ben", ben.name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
      expect(await stateOf("ada", ada.name)).toMatchObject({ state: "running" });
      const again = await submit("ben", "exit 0");
      await scheduler.as("ada")("DELETE", `/v1/jobs/${ada.name}`);
      await inState("ben", again.name, "succeeded");
      await forgetAll();
    });

    test("a prune while no scheduler runs loses no job that was accepted", async () => {
      const ada = await submit("ada", "sleep 600");
      await inState("ada", ada.name, "running");
      const ben = await submit("ben", "exit 0");
      await scheduler.kill("SIGKILL");
      await dockerd.docker.pruneContainers();
      await scheduler.start();
      expect(await inState("ben", ben.name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
      await forgetAll();
    });
  },
);

async function submit(user: string, line: string): Promise<Job> {
  const request = { arguments: ["sh", "-c", line], flavor: "long" };
  const { status, body } = await scheduler.as(user)("POST", "/v1/jobs", request);
  expect([status, body.message]).toEqual([201, undefined]);
  return body.job;
}

async function stateOf(user: string, name: string): Promise<Job> {
  return (await scheduler.as(user)("GET", `/v1/jobs/${name}`)).body;
}

function inState(user: string, name: string, state: string): Promise<Job> {
  const look = async () => {
    const job = await stateOf(user, name);
    return job.state === state ? job : undefined;
  };
  return until(`${name} is ${state}`, look, 60_000);
}

// Once for what is active, once for the records.
async function forgetAll(): Promise<void> {
  for (const user of ["ada", "ben", "ada", "ben"]) await scheduler.as(user)("DELETE", "/v1/jobs");
}
