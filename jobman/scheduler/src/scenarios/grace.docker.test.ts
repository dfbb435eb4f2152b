import { chownSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

const forms = [
  "cd persistent-home && python3 ck.py && echo then",
  "cd persistent-home; python3 ck.py | tee log",
  "cd persistent-home; python3 ck.py & wait",
  "cd persistent-home; bash run.sh",
];

/** Every job has an owner of its own: all run side by side. */
const deleted = forms.map((line, index) => ({ line, owner: `ada${index}` }));
const late = forms.map((line, index) => ({ line, owner: `bob${index}` }));

let scheduler: SchedulerProcess;
let missing = "";

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) =>
      text
        .replace(/allowed: .*/, `allowed: ["${image}"]`)
        .replace(/^ {2}image: .*/m, `  image: "${image}"`)
        .replace(/stopGrace: \S+/, "stopGrace: 6s")
        .replace("short, slots: 1", `short, slots: ${late.length}`)
        .replace("long, slots: 1", `long, slots: ${deleted.length}`)
        .replace("timeLimit: 2s", "timeLimit: 10s"),
  });
  if ((await inspectImage(scheduler.docker, image)) === undefined) missing = `there is no image ${image}`;
  const owners = [...deleted, ...late].map(({ owner }) => owner);
  await scheduler.addUsers(owners);
  await scheduler.start();
  for (const owner of owners) bringPrograms(owner);
});
afterAll(() => scheduler?.dispose());
beforeEach(({ skip }) => skip(missing !== "", missing));

function bringPrograms(owner: string): void {
  const home = scheduler.home(owner);
  const { uid, gid } = statSync(home);
  for (const [name, text] of [
    ["ck.py", program],
    ["run.sh", "python3 ck.py\necho then\n"],
  ] as const) {
    writeFileSync(join(home, name), text);
    if (process.getuid?.() === 0) chownSync(join(home, name), uid, gid);
  }
}

test.concurrent.for(deleted)("the checkpoint of a job that is deleted is saved: $line", async (job) => {
  const { name } = await submitAndStart(job, "long");
  await scheduler.as(job.owner)("DELETE", `/v1/jobs/${name}`);
  expect(await ended(job, name)).toMatchObject({ state: "deleted", exitCode: 143 });
  expect(checkpoint(job)).toBe("saved\n");
});

test.concurrent.for(late)("the checkpoint of a job at its time limit is saved: $line", async (job) => {
  const { name } = await submitAndStart(job, "short");
  expect(await ended(job, name)).toMatchObject({ reason: "DeadlineExceeded", exitCode: 143 });
  expect(checkpoint(job)).toBe("saved\n");
});

interface Tried {
  readonly line: string;
  readonly owner: string;
}

async function submitAndStart({ line, owner }: Tried, flavor: string): Promise<Job> {
  const { status, body } = await scheduler.as(owner)("POST", "/v1/jobs", { arguments: [line], flavor });
  expect([status, body.message]).toEqual([201, undefined]);
  await until("the program is ready", () => existsSync(join(scheduler.home(owner), "ready")), 60_000);
  return body.job;
}

function ended({ owner }: Tried, name: string): Promise<Job> {
  const look = async () => {
    const job: Job = (await scheduler.as(owner)("GET", `/v1/jobs/${name}`)).body;
    return job.endedAt === undefined ? undefined : job;
  };
  return until(`${name} ended`, look, 60_000);
}

function checkpoint({ owner }: Tried): string {
  return readFileSync(join(scheduler.home(owner), "checkpoint"), "utf8");
}
