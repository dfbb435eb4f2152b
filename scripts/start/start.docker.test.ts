import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, listContainers, removeContainer } from "@workstation/docker";
import { removeFolder } from "@workstation/scheduler/testing";
import { containerLabels } from "@workstation/site";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { projectFolder } from "../setup/places.ts";

// Short: a socket's path has at most 107 bytes.
const folder = mkdtempSync(join(tmpdir(), "ws-"));
const instance = `test-${randomBytes(4).toString("hex")}`;
const own = ["--state", join(folder, "state"), "--run", join(folder, "run"), "--instance", instance];

function run(script: string) {
  return execa("node", [`scripts/${script}.ts`, ...own], { cwd: projectFolder, all: true, reject: false });
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
  const { exitCode, all } = await run("start");
  expect(all).toContain("npm stop stops it");
  expect(exitCode).toBe(0);
  const result = /^\s*result\s+(\S+)$/m.exec(all)?.[1] ?? "";
  const [head, ...rows] = readFileSync(result, "utf8").trimEnd().split("\n");
  expect(head).toContain("orientation");
  expect(rows).toHaveLength(9);
  for (const orientation of ["axial", "sagittal", "coronal"]) {
    expect(rows.filter((row) => row.includes(orientation))).toHaveLength(3);
  }
});

test("a second run builds, makes and registers nothing again", async () => {
  const { exitCode, all } = await run("start");
  expect(exitCode).toBe(0);
  expect(all).toContain("already running");
  expect(all).toContain("is there");
  expect(all).not.toMatch(/added |- Build /);
});

test("while a job of the user is active it follows that one, and ends with its exit code", async () => {
  const users = join(folder, "run/users");
  const socket = join(users, readdirSync(users)[0] ?? "", "jobman.sock");
  const submit = ["submit", "-j", "mine", "--", "bash", "-c", "sleep 5; echo my own words; exit 5"];
  await execa("node", ["jobman/client/bin/jobman.js", ...submit], {
    cwd: projectFolder,
    env: { JOBMAN_SOCKET: socket },
  });
  const { exitCode, all } = await run("start");
  expect(all).toContain("mine is active, attaching to it");
  expect(all).toContain("my own words");
  expect(exitCode).toBe(5);
});

test("npm stop ends the scheduler, and a second one says that none runs", async () => {
  expect((await run("stop")).all).toContain("has stopped; jobs go on running");
  expect(existsSync(join(folder, "run/admin/scheduler.sock"))).toBe(false);
  expect((await run("stop")).all).toContain("no scheduler runs here");
});
