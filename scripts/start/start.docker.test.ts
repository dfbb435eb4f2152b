import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, listContainers, removeContainer } from "@workstation/docker";
import { removeFolder } from "@workstation/scheduler/testing";
import { containerLabels } from "@workstation/site";
import { afterAll, expect, test } from "vitest";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";

// Short: a socket's path has at most 107 bytes.
const folder = mkdtempSync(join(tmpdir(), "ws-"));
const instance = `test-${randomBytes(4).toString("hex")}`;
const own = ["--state", join(folder, "state"), "--run", join(folder, "run"), "--instance", instance];

function run(script: string) {
  return $({ cwd: projectFolder, nothrow: true, quiet: true })`node ${`scripts/${script}.ts`} ${own}`;
}

afterAll(async () => {
  await run("stop");
  const docker = await connectDocker();
  for (const { id } of await listContainers(docker, `${containerLabels.instance}=${instance}`)) {
    await removeContainer(docker, id);
  }
  removeFolder(folder);
});

test("npm start ends with the example's table, the job's exit code and what to try next", async () => {
  const { exitCode, stdall } = await run("start");
  expect(stdall).toContain(`npm stop -- --state ${own[1]} --run ${own[3]} --instance ${instance} stops it`);
  const next = /^\s*(JOBMAN_SOCKET=.* resources-flavors)$/m.exec(stdall)?.[1] ?? "false";
  expect((await $({ cwd: projectFolder, nothrow: true, quiet: true })`sh -c ${next}`).stdout).toContain(
    "no-gpu",
  );
  expect(exitCode).toBe(0);
  const result = /^\s*result\s+(\S+)$/m.exec(stdall)?.[1] ?? "";
  const [head, ...rows] = readFileSync(result, "utf8").trimEnd().split("\n");
  expect(head).toContain("orientation");
  expect(rows).toHaveLength(9);
  for (const orientation of ["axial", "sagittal", "coronal"]) {
    expect(rows.filter((row) => row.includes(orientation))).toHaveLength(3);
  }
});

test("a second run builds, makes and registers nothing again", async () => {
  const { exitCode, stdall } = await run("start");
  expect(exitCode).toBe(0);
  expect(stdall).toContain("already running");
  expect(stdall).toContain("is there");
  expect(stdall).not.toMatch(/added |- Build /);
});

test("while a job of the user is active it follows that one, and ends with its exit code", async () => {
  const users = join(folder, "run/users");
  const socket = join(users, readdirSync(users)[0] ?? "", "jobman.sock");
  const submit = ["submit", "-j", "mine", "--", "bash", "-c", "sleep 5; echo my own words; exit 5"];
  const env = { ...process.env, JOBMAN_SOCKET: socket };
  await $({ cwd: projectFolder, env })`node jobman/client/bin/jobman.js ${submit}`;
  const { exitCode, stdall } = await run("start");
  expect(stdall).toContain("mine is active, attaching to it");
  expect(stdall).toContain("my own words");
  expect(exitCode).toBe(5);
});

test("npm stop ends the scheduler, and a second one says that none runs", async () => {
  expect((await run("stop")).stdall).toContain("has stopped; jobs go on running");
  expect(existsSync(join(folder, "run/admin/scheduler.sock"))).toBe(false);
  expect((await run("stop")).stdall).toContain("no scheduler runs here");
});
