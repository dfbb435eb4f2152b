import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../testing/captured-io.ts";
import { leaveDeadSocket } from "../testing/dead-socket.ts";
import { json, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("a socket that is gone is named with the reason, exit 69", async () => {
  const run = await runCommandLine(["list"], join(folder, "nothing.sock"));
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).toContain(`$JOBMAN_SOCKET (${join(folder, "nothing.sock")}): there is no such file`);
});

test("a file that is no socket is named with the reason", async () => {
  const file = join(folder, "file");
  await writeFile(file, "");
  const run = await runCommandLine(["list"], file);
  expect(run.exitCode).toBe(69);
  expect(run.stderr).toMatch(/file\): (nobody listens there|it is no socket)/);
});

test("a socket whose scheduler was killed is named with the reason", async () => {
  const dead = join(folder, "dead.sock");
  await leaveDeadSocket(dead);
  const run = await runCommandLine(["list"], dead);
  expect(run.exitCode).toBe(69);
  expect(run.stderr).toContain("nobody listens there");
});

test.each([
  ["no JSON at all", "<html>", "no JSON"],
  ["a later version", '{"apiVersion":"v2"}', "speaks v2"],
])("an answer that is %s is refused with 69", async (_, body, cause) => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", (response) => response.end(body));
  const run = await runCommandLine(["list"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).toContain(cause);
});

test("an answer that breaks off is told and gives no half data", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", (response) => {
    response.write('{"apiVersion":"v1","jobs":[', () => response.destroy());
  });
  const run = await runCommandLine(["list"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).toContain("went away in the middle of its answer");
});

test("a scheduler that hangs up without an answer was reached: no other place is tried", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", (response) => response.destroy());
  const run = await runCommandLine(["list"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).not.toContain("tried");
  expect(scheduler.received).toHaveLength(1);
});

test("lines that end in the middle of one are no whole answer", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs/job1/log", (response) => response.end('{"stream":"stdout","data":"x'));
  const run = await runCommandLine(["logs", "job1"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
});

test("a refusal in another shape keeps its status", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", json(["?"], 503));
  const run = await runCommandLine(["list"], scheduler.socket);
  expect(run.exitCode).toBe(69);
  expect(run.stderr).toContain("HTTP 503");
});

test("a hostile message cannot drive the terminal", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", json({ code: "X", message: "\u001b[2Jgone" }, 400));
  const run = await runCommandLine(["list"], scheduler.socket);
  expect(run.stderr).toBe(`error: ${String.raw`\u001b[2Jgone`}\n`);
});
