import { execFileSync } from "node:child_process";
import { chownSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { inspectContainer, listContainers } from "@workstation/docker";
import type { Job, LogPiece } from "@workstation/jobman/protocol";
import { containerLabels, userSocket } from "@workstation/site";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pieceText } from "../platforms/testing/output-lines.ts";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

const isRoot = process.getuid?.() === 0;
const users = isRoot ? ["ada", "ben", "cleo"] : ["ada"];
let scheduler: SchedulerProcess;

beforeEach(async () => {
  scheduler = await makeSchedulerProcess();
  await scheduler.addUsers(users);
  await scheduler.start();
});
afterEach(() => scheduler.dispose());

async function submit(user: string, parts: object): Promise<Job> {
  const { status, body } = await scheduler.as(user)("POST", "/v1/jobs", parts);
  expect([status, body.message]).toEqual([201, undefined]);
  return body.job;
}

function sh(line: string) {
  return { arguments: ["sh", "-c", line] };
}

function inState(user: string, name: string, ...states: readonly string[]): Promise<Job> {
  return until(
    `${name} is ${states.join(" or ")}`,
    async () => {
      const { body } = await scheduler.as(user)("GET", `/v1/jobs/${name}`);
      return states.includes(body.state) ? body : undefined;
    },
    60_000,
  );
}

async function output(user: string, name: string): Promise<string> {
  const { text } = await scheduler.as(user)("GET", `/v1/jobs/${name}/log?follow=true`);
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogPiece);
  return lines.map(pieceText).join("");
}

test("a second scheduler on the same engine refuses and says which one runs", async () => {
  const pid = scheduler.pid();
  const sameFolders = await scheduler.runToEnd();
  expect([sameFolders.code, sameFolders.stderr]).toEqual([69, expect.stringContaining(`process ${pid}`)]);
  const otherFolders = await scheduler.runToEnd(["--run", join(scheduler.run, "other")]);
  expect([otherFolders.code, otherFolders.stderr]).toEqual([69, expect.stringContaining(`process ${pid}`)]);
  expect((await scheduler.status())?.pid).toBe(pid);
});

test("another instance never gets this one's state folder, nor another folder this instance", async () => {
  const { id } = await submit("ada", sh("sleep 60"));
  const run = ["--run", join(scheduler.run, "other")];
  const other = [...run, "--instance", `${scheduler.instance}-b`];
  const whileServed = await scheduler.runToEnd(other);
  expect([whileServed.code, whileServed.stderr]).toEqual([69, expect.stringContaining(scheduler.instance)]);
  await scheduler.kill("SIGKILL");
  const afterwards = await scheduler.runToEnd(other);
  expect([afterwards.code, afterwards.stderr]).toEqual([
    69,
    expect.stringContaining(`--instance ${scheduler.instance}`),
  ]);
  const elsewhere = await scheduler.runToEnd([...run, "--state", join(scheduler.run, "other-state")]);
  expect([elsewhere.code, elsewhere.stderr]).toEqual([69, expect.stringContaining(scheduler.state)]);
  await scheduler.start();
  expect((await scheduler.status())?.jobs.map((job) => job.id)).toContain(id);
  await scheduler.as("ada")("DELETE", "/v1/jobs");
});

test("a scheduler that is told to stop leaves its jobs running, and the next one takes them up", async () => {
  const { id, name } = await submit("ada", sh("while [ ! -e /tmp/never ]; do sleep 0.1; done"));
  await inState("ada", name, "running");
  expect(await scheduler.kill("SIGTERM")).toBe(0);
  const container = await containerOf(id);
  expect(container?.status).toBe("running");
  await scheduler.start();
  const { startedAt } = await inState("ada", name, "running");
  expect(Date.parse(startedAt ?? "")).toBe(container?.startedAt);
  expect((await scheduler.as("ada")("DELETE", `/v1/jobs/${name}`)).body).toMatchObject({ state: "deleted" });
});

test("a time limit that passes while no scheduler runs is kept by the next one", async () => {
  const { name } = await submit("ada", { ...sh("trap '' TERM; sleep 600"), flavor: "short" });
  const { startedAt } = await inState("ada", name, "running");
  await scheduler.kill("SIGKILL");
  await until("the limit has passed", () => Date.now() - Date.parse(startedAt ?? "") > 2500);
  await scheduler.start();
  const ended = await inState("ada", name, "expired");
  expect(ended).toMatchObject({ reason: "DeadlineExceeded", exitCode: 137 });
  const free = await submit("ada", { ...sh("true"), flavor: "short" });
  await inState("ada", free.name, "succeeded");
});

test("a log that was cut by kill -9 resumes behind its cursor without loss or repeat", async () => {
  const { name } = await submit("ada", sh("for i in $(seq 1 40); do echo line $i; sleep 0.05; done"));
  await inState("ada", name, "running");
  const collected: string[] = [];
  let cursor = "";
  const path = () =>
    `/v1/jobs/${name}/log?follow=true${cursor === "" ? "" : `&after=${encodeURIComponent(cursor)}`}`;
  const following = followRaw(path(), (line) => {
    collected.push(pieceText(line));
    cursor = line.cursor;
  });
  await until("some lines have come", () => collected.length > 5);
  await scheduler.kill("SIGKILL");
  await following;
  await scheduler.start();
  await followRaw(path(), (line) => collected.push(pieceText(line)));
  expect(collected.join("")).toBe(Array.from({ length: 40 }, (_, index) => `line ${index + 1}\n`).join(""));
});

test.runIf(isRoot)(
  "a full disk in the job's home fails the job with its own words, and nothing else",
  async () => {
    const home = scheduler.home("ada");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", home]);
    chownSync(home, 20_000, 20_000);
    try {
      const { name } = await submit("ada", sh("head -c 1M /dev/zero > /home/chaimeleon/persistent-home/x"));
      expect(await inState("ada", name, "failed")).toMatchObject({ reason: "CommandFailed", exitCode: 1 });
      expect(await output("ada", name)).toMatch(/No space left on device/);
      const next = await submit("ada", sh("echo still here"));
      expect(await output("ada", next.name)).toBe("still here\n");
      await scheduler.as("ada")("DELETE", "/v1/jobs");
    } finally {
      execFileSync("umount", ["--lazy", home]);
    }
  },
);

test.runIf(isRoot)("a full disk under the scheduler refuses a submit whole, and is got over", async () => {
  const full = await makeSchedulerProcess({ stateSize: "256k" });
  try {
    await full.addUsers(["ada", "ben"]);
    await full.start();
    execFileSync("sh", ["-c", 'head -c 1M /dev/zero > "$0/ballast" 2>/dev/null || true', full.state]);
    // Longer than what is free in the last block of the journal.
    const long = sh(`true # ${"x".repeat(20_000)}`);
    const refused = await full.as("ada")("POST", "/v1/jobs", { ...long, name: "one" });
    expect([refused.status, refused.body.code]).toEqual([507, "STORAGE_FULL"]);
    expect((await full.as("ada")("GET", "/v1/jobs")).body.jobs).toEqual([]);
    execFileSync("rm", [join(full.state, "ballast")]);
    await until("nothing is left of it", async () => (await containersOf(full)).length === 0);
    expect((await full.as("ada")("POST", "/v1/jobs", { ...sh("true"), name: "one" })).status).toBe(201);
    const much = sh("head -c 1000000 /dev/zero | tr '\\0' x");
    expect((await full.as("ben")("POST", "/v1/jobs", { ...much, name: "two" })).status).toBe(201);
    const faults = async () => (await full.status())?.faults ?? [];
    const isTold = async () => (await faults()).some(({ where }) => where === "output");
    await until("the operator reads that output is lost", isTold);
  } finally {
    await full.dispose();
  }
});

test.runIf(isRoot)(
  "waiting jobs that somebody prunes end with their own reason; those that run go on",
  async () => {
    const [ada, ben] = [
      await submit("ada", { ...sh("sleep 30"), flavor: "long" }),
      await submit("ben", { ...sh("true"), flavor: "long" }),
    ];
    await inState("ada", ada.name, "running");
    // What `docker container prune` does, to this test's container alone.
    const waiting = await containerOf(ben.id);
    await scheduler.docker.getContainer(waiting?.id ?? "").remove();
    expect(await inState("ben", ben.name, "failed")).toMatchObject({
      reason: "ContainerRemoved",
      message: expect.stringContaining("submit it again"),
    });
    await inState("ada", ada.name, "running");
    await submit("ben", { ...sh("true"), flavor: "long" });
  },
);

test.runIf(isRoot)(
  "a job runs as its user's uid, sees its own home, and leaves files that the user owns",
  async () => {
    const { name } = await submit("ben", sh("id -u; echo mine > /home/chaimeleon/persistent-home/file"));
    expect(await output("ben", name)).toBe("20001\n");
    const listing = execFileSync("stat", ["-c", "%u", join(scheduler.home("ben"), "file")], {
      encoding: "utf8",
    });
    expect(listing.trim()).toBe("20001");
  },
);

async function followRaw(path: string, take: (line: LogPiece) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    let rest = "";
    const sent = request({ socketPath: userSocket(scheduler.run, "ada").socket, path }, (response) => {
      response.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = `${rest}${chunk}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) take(JSON.parse(line));
      });
      response.on("close", resolve).on("error", () => undefined);
    });
    sent.on("error", () => resolve());
    sent.end();
  });
}

async function containersOf(where: SchedulerProcess) {
  return listContainers(where.docker, `${containerLabels.instance}=${where.instance}`);
}

async function containerOf(id: string) {
  const row = (await containersOf(scheduler)).find((each) => each.labels[containerLabels.id] === id);
  return row === undefined ? undefined : inspectContainer(scheduler.docker, row.id);
}
