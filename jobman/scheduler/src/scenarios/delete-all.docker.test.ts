import { listContainers } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const endedJobs = 30;
let scheduler: SchedulerProcess;

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) =>
      text
        .replace(/maxActiveJobsPerUser: \d+/, "maxActiveJobsPerUser: 50")
        .replace("name: no-gpu, slots: 2", "name: no-gpu, slots: 16"),
  });
  await scheduler.addUsers(["ada"]);
  await scheduler.start();
});
afterAll(() => scheduler.dispose());

test(`one running job and ${endedJobs} ended ones are deleted in little more than the one takes to stop`, async () => {
  const ada = scheduler.as("ada");
  const names = Array.from({ length: endedJobs }, (_, index) => `ended-${index}`);
  await Promise.all(names.map((name) => submit(ada, { name })));
  await Promise.all(names.map((name) => until(`${name} has ended`, () => hasEnded(name), 60_000)));
  await submit(ada, { name: "running", arguments: ["sleep", "600"] });
  await inState(ada, "running", "running");
  const from = performance.now();
  const { body } = await ada("DELETE", "/v1/jobs");
  const took = performance.now() - from;
  expect(body.jobs).toHaveLength(endedJobs + 1);
  expect(body.jobs.at(-1)).toMatchObject({ name: "running", state: "deleted" });
  // `sleep` does not hear TERM: it takes the grace of 1 s.
  expect(took).toBeLessThan(2200);
  expect((await ada("GET", "/v1/jobs")).body.jobs).toMatchObject([{ name: "running" }]);
  const label = `${containerLabels.instance}=${scheduler.instance}`;
  const left = async () => (await listContainers(scheduler.docker, label)).length <= 1;
  await until("the containers of the others are gone", left, 30_000);
});

async function hasEnded(name: string): Promise<boolean> {
  const { body } = await scheduler.as("ada")("GET", `/v1/jobs/${name}`);
  return body.endedAt !== undefined;
}
