import { chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectImage } from "@workstation/docker";
import type { Job } from "@workstation/jobman/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

const image = process.env.WORKSTATION_TEST_IMAGE ?? "ubuntu-python:latest";

/** Saves a checkpoint after TERM, for which it needs two of the six seconds that it has. */
const program = `
import signal, sys, time
def save(*_):
    time.sleep(2)
    open("checkpoint", "a").write("saved\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
open("ready", "w").close()
while True: time.sleep(60)
`;

let scheduler: SchedulerProcess;
let missing = "";

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) =>
      text
        .replace(/allowed: .*/, `allowed: ["${image}"]`)
        .replace(/^ {2}image: .*/m, `  image: "${image}"`)
        .replace(/stopGrace: \S+/, "stopGrace: 6s")
        .replace("timeLimit: 2s", "timeLimit: 5s"),
  });
  if ((await inspectImage(scheduler.docker, image)) === undefined) missing = `there is no image ${image}`;
  await scheduler.addUsers(["ada"]);
  await scheduler.start();
  const home = scheduler.home("ada");
  const { uid, gid } = statSync(home);
  for (const [name, text] of [
    ["ck.py", program],
    ["run.sh", "python3 ck.py\necho then\n"],
  ] as const) {
    writeFileSync(join(home, name), text);
    if (process.getuid?.() === 0) chownSync(join(home, name), uid, gid);
  }
});
afterAll(() => scheduler?.dispose());
beforeEach(({ skip }) => {
  skip(missing !== "", missing);
  for (const name of ["ready", "checkpoint"]) rmSync(join(scheduler.home("ada"), name), { force: true });
});

const forms = [
  "cd persistent-home && python3 ck.py && echo then",
  "cd persistent-home; python3 ck.py | tee log",
  "cd persistent-home; python3 ck.py & wait",
  "cd persistent-home; bash run.sh",
];

test.each(forms)("the checkpoint of a job that is deleted is saved: %s", async (line) => {
  const { name } = await submitAndStart(line, "long");
  await scheduler.as("ada")("DELETE", `/v1/jobs/${name}`);
  expect(await ended(name)).toMatchObject({ state: "deleted", exitCode: 143 });
  expect(checkpoint()).toBe("saved\n");
});

test.each(forms)("the checkpoint of a job at its time limit is saved: %s", async (line) => {
  const { name } = await submitAndStart(line, "short");
  expect(await ended(name)).toMatchObject({ reason: "DeadlineExceeded", exitCode: 143 });
  expect(checkpoint()).toBe("saved\n");
});

async function submitAndStart(line: string, flavor: string): Promise<Job> {
  const { status, body } = await scheduler.as("ada")("POST", "/v1/jobs", { arguments: [line], flavor });
  expect([status, body.message]).toEqual([201, undefined]);
  await until("the program is ready", () => existsSync(join(scheduler.home("ada"), "ready")), 30_000);
  return body.job;
}

function ended(name: string): Promise<Job> {
  const look = async () => {
    const job: Job = (await scheduler.as("ada")("GET", `/v1/jobs/${name}`)).body;
    return job.endedAt === undefined ? undefined : job;
  };
  return until(`${name} ended`, look, 30_000);
}

function checkpoint(): string {
  return readFileSync(join(scheduler.home("ada"), "checkpoint"), "utf8");
}
