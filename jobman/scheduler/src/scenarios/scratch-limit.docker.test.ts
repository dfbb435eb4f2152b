import { readFileSync } from "node:fs";
import { stateFolders } from "@workstation/site";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

let scheduler: SchedulerProcess;

beforeAll(async () => {
  scheduler = await makeSchedulerProcess({
    site: (text) =>
      text.replace(/scratch: \S+/, "scratch: 20MB").replace(/scratchFiles: \S+/, "scratchFiles: 2000"),
  });
  await scheduler.addUsers(["ada"]);
  await scheduler.start();
}, 120_000);
afterEach(() => scheduler.as("ada")("DELETE", "/v1/jobs"));
afterAll(() => scheduler.dispose());

test.each([
  ["bytes in two folders together", "head -c 15MB /dev/zero > /tmp/a; head -c 15MB /dev/zero > /var/tmp/b"],
  ["bytes in a removed file", "exec 3>/tmp/a; rm /tmp/a; head -c 30MB /dev/zero >&3"],
  ["files", "mkdir /tmp/many && cd /tmp/many && seq 3000 | xargs touch"],
])("a job with too many %s is ended, and its owner reads why", async (_, fill) => {
  const name = await submit(`${fill}; sleep 600`);
  const job = await ended(name);
  expect(job).toMatchObject({ state: "failed", reason: "ScratchLimit" });
  expect(job.message).toMatch(/home, \/tmp and \/var\/tmp together may have 20 MB in 2,000 files/);
});

test("a job that keeps moving its folders is ended all the same, whether it could be counted or not", async () => {
  const job = await ended(await submit(moveFolders));
  expect(job).toMatchObject({ state: "failed", reason: "ScratchLimit" });
});

test("a job below the limits, and what it keeps in its persistent home, is left alone", async () => {
  const name = await submit(
    "head -c 10MB /dev/zero > /tmp/a; head -c 40MB /dev/zero > /home/chaimeleon/persistent-home/b; sleep 12",
  );
  expect(await ended(name)).toMatchObject({ state: "succeeded" });
});

test("why it was ended is known after a crash, too", async () => {
  const name = await submit("trap '' TERM; head -c 30MB /dev/zero > /tmp/a; while :; do sleep 1; done");
  const { journal } = stateFolders(scheduler.state);
  await until("its end is asked for", () => /"by":"scratch"/.test(readFileSync(journal, "utf8")), 30_000);
  await scheduler.kill("SIGKILL");
  await scheduler.start();
  expect(await ended(name)).toMatchObject({ reason: "ScratchLimit" });
});

/** Six trees, each of which is moved to and fro a thousand times a second. */
const moveFolders = `
  cd /tmp
  for k in 1 2 3 4 5 6; do
    mkdir -p A$k/x/d/d/d/d/d/d/d/d B$k
    (cd A$k/x/d/d/d/d/d/d/d/d && seq 250 | xargs touch)
  done
  head -c 30MB /dev/zero > big
  exec perl -e 'while (1) { for $k (1..6) { rename "A$k/x", "B$k/x" } for $k (1..6) { rename "B$k/x", "A$k/x" } select undef, undef, undef, 0.0005 }'`;

async function submit(line: string): Promise<string> {
  const { status, body } = await scheduler.as("ada")("POST", "/v1/jobs", { arguments: ["sh", "-c", line] });
  expect([status, body]).toEqual([201, expect.anything()]);
  return body.job.name;
}

async function ended(name: string) {
  const look = async () => (await scheduler.as("ada")("GET", `/v1/jobs/${name}`)).body;
  return await until(
    `${name} ended`,
    async () => {
      const job = await look();
      return job.endedAt === undefined ? undefined : job;
    },
    60_000,
  );
}
