import { expect, test } from "vitest";
import type { SubmitRequest } from "../protocol/index.ts";
import { runJobman } from "../run-jobman.ts";
import { createWorld, runCommandLine } from "../testing/captured-io.ts";
import { makeFlavor, makeJob } from "../testing/make-job.ts";
import { json, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

const accepted = { apiVersion: "v1", job: makeJob({ name: "job1", position: 2 }), warnings: [] };

/** The request that a command line sends. */
async function submitted(words: readonly string[], environment: Record<string, string> = {}) {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json(accepted));
  const run = await runCommandLine(words, scheduler.socket, environment);
  expect(run).toMatchObject({ exitCode: 0 });
  return scheduler.received[0]?.body as SubmitRequest;
}

const hostile = ["", " ", "a\nb", "ü€𝕏", "'\"$(x)`*?\\", "--", "-j", "--wait", "\t", "x".repeat(100_000)];

test("everything behind the first -- arrives byte for byte", async () => {
  const request = await submitted(["submit", "-j", "a", "--", ...hostile]);
  expect(request).toMatchObject({ name: "a", arguments: hostile, exact: false });
});

test.each([
  ["words without --", ["submit", "-r", "no-gpu", "python", "-c", "print(1)"], ["python", "-c", "print(1)"]],
  ["words behind --", ["submit", "--", "python", "-V"], ["python", "-V"]],
  ["a second -- is the job's", ["submit", "-i", "x", "--", "--", "K=V"], ["--", "K=V"]],
  ["a -- behind the first word is the job's", ["submit", "env", "--", "ls"], ["env", "--", "ls"]],
  ["a name in any case", ["SUBMIT", "ls"], ["ls"]],
  ["no words at all", ["submit"], []],
])("old form: %s", async (_, words, wanted) => {
  expect((await submitted(words)).arguments).toEqual(wanted);
});

test("every option reaches the scheduler", async () => {
  const words = "submit -i img:1 -jname -r small-gpu -c -e A=1 --env=B=x=y --datasets d1,d2".split(" ");
  const request = await submitted([...words, "-a", '{"project":"lung","n":3}', "--", "run"]);
  expect(request).toEqual({
    image: "img:1",
    name: "name",
    flavor: "small-gpu",
    exact: true,
    environment: { A: "1", B: "x=y" },
    annotations: { project: "lung", n: "3" },
    datasets: ["d1", "d2"],
    arguments: ["run"],
  });
});

test.each([
  ["the desktop's list", { DATASETS_LIST: "d1, d2" }, [], ["d1", "d2"]],
  ["none, where the desktop has none", { DATASETS_LIST: "" }, [], []],
  ["all granted ones, without a list", {}, [], undefined],
  ["the option before the list", { DATASETS_LIST: "d1" }, ["--datasets", ""], []],
])("datasets are %s", async (_, environment, options, wanted) => {
  expect((await submitted(["submit", ...options, "--", "ls"], environment)).datasets).toEqual(wanted);
});

test("stdout is the job's name, the rest goes to stderr", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json({ ...accepted, warnings: ["no CUDA in the image"] }));
  const run = await runCommandLine(["submit", "--", "ls"], scheduler.socket);
  expect(run).toEqual({
    exitCode: 0,
    stdout: "job1\n",
    stderr: "warning: no CUDA in the image\njob1: waiting for no-gpu, position 2\n",
  });
  expect(await runCommandLine(["submit", "-q", "--", "ls"], scheduler.socket)).toMatchObject({ stderr: "" });
});

test.each([
  [400, "UNKNOWN_FLAVOR", 2],
  [404, "NO_SUCH_JOB", 3],
  [503, "NO_DEVICES", 69],
  [500, "INTERNAL", 70],
  [409, "USER_LIMIT", 75],
  [409, "NAME_TAKEN", 2],
  [507, "STORAGE_FULL", 75],
  [403, "DATASET_NOT_GRANTED", 77],
  [418, "SOMETHING_NEW", 2],
  [502, "SOMETHING_NEW", 69],
])("a refusal with %i %s exits %i and shows message and hint", async (status, code, exitCode) => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json({ code, message: "the message", hint: "the hint" }, status));
  const run = await runCommandLine(["submit", "--", "ls"], scheduler.socket);
  expect(run).toEqual({ exitCode, stdout: "", stderr: "error: the message\n  the hint\n" });
});

test.each([
  [["-e", "NOT_SET_HERE"], '"NOT_SET_HERE"'],
  [["-e", "=x"], '"=x"'],
  [["-a", "[1]"], "[1]"],
  [["-a", "{"], "{"],
  [["-a", '{"a":{}}'], '"a"'],
  [["--timeout", "5m"], "--wait"],
  [["--wait", "--timeout", "5"], '"5"'],
  [["--wait", "-o", "json"], "-o json"],
  [["--wait", "--dry-run"], "--dry-run"],
  [["--nonsense"], '"--nonsense"'],
  [["-j"], '"--job-name"'],
  [["-j", "a", "-j", "b"], '"b"'],
  [["--wait=yes"], '"--wait"'],
  [["-o", "xml"], '"xml"'],
])("wrong options %j are refused by name, before anything is sent", async (options, named) => {
  await using scheduler = await startScriptedScheduler();
  const run = await runCommandLine(["submit", ...options], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain(named);
  expect(scheduler.received).toEqual([]);
});

test("a flavor's definition as JSON is refused and the flavors are named", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/resources-flavors", json({ apiVersion: "v1", flavors: [makeFlavor()] }));
  const run = await runCommandLine(["submit", "-r", '{"name":"mine"}', "--", "ls"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain("flavors: no-gpu");
});

test("a dry run shows what would run and submits nothing", async () => {
  await using scheduler = await startScriptedScheduler();
  const dryRun = { arguments: ["bash", "-c", "a\nb"], mounts: [{ target: "/mnt/datalake", readOnly: true }] };
  scheduler.on("POST /v1/jobs", json({ ...accepted, dryRun }));
  const run = await runCommandLine(["submit", "--dry-run", "--", "a\nb"], scheduler.socket);
  expect(scheduler.received[0]?.url).toBe("/v1/jobs?dryRun=true");
  expect(run.stdout).toContain(String.raw`argument 2:  "a\nb"`);
  expect(run.stdout).toContain("/mnt/datalake (read-only)");
});

test("a lost answer is not sent again, and the way to look is shown", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", (response) => response.destroy());
  const run = await runCommandLine(["submit", "--", "ls"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).toContain("jobman list --active");
  expect(scheduler.received).toHaveLength(1);
});

test("Ctrl-C before the answer says that the job may be there", async () => {
  await using scheduler = await startScriptedScheduler();
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket });
  scheduler.on("POST /v1/jobs", (response, request) => {
    world.interrupt();
    return json(accepted)(response, request);
  });
  await runJobman(["submit", "--", "ls"], world.io);
  expect(world.abandonedWith()).toBe(130);
  expect(world.stderr()).toContain("jobman list --active");
});
