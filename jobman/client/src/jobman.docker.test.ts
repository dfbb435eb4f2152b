import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { inspectImage } from "@workstation/docker";
import { makeSchedulerProcess, type SchedulerProcess } from "@workstation/scheduler/testing";
import { loadSite, userSocket } from "@workstation/site";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  flavorListSchema,
  imageListSchema,
  jobListSchema,
  queueSchema,
  submitResponseSchema,
} from "./protocol/index.ts";
import { type BundledJobman, bundleJobman, machineNode, startProcess } from "./testing/bundled-jobman.ts";
import { runInDesktop } from "./testing/desktop.ts";

const family = process.env.WORKSTATION_TEST_IMAGE ?? "ubuntu-python:latest";
const users = ["anna", "ben"] as const;
type User = (typeof users)[number];

let scheduler: SchedulerProcess;
let jobman: BundledJobman;
let node: string;

beforeAll(async () => {
  [scheduler, jobman, node] = await Promise.all([makeSchedulerProcess(), bundleJobman(), machineNode()]);
  await scheduler.addUsers(users);
  await scheduler.start();
}, 120_000);
afterEach(async () => {
  // The first ends what is active, the second removes the records.
  for (const user of users) await run(user, ["delete", "--all"]);
  for (const user of users) await run(user, ["delete", "--all"]);
});
afterAll(async () => {
  await scheduler.dispose();
  await jobman[Symbol.asyncDispose]();
});

/** Starts the real command for a user, under the machine's own Node. */
function start(user: User, words: readonly string[]) {
  const { socket } = userSocket(scheduler.run, user);
  return startProcess([node, jobman.entry, ...words], { JOBMAN_SOCKET: socket });
}

function run(user: User, words: readonly string[]) {
  return start(user, words).end;
}

test("submit --wait gives the job's output, its code and one line on what happened", async () => {
  const end = await run("anna", [
    "submit",
    "--wait",
    "-r",
    "no-gpu",
    "--",
    "bash",
    "-c",
    "echo out; echo err >&2; exit 7",
  ]);
  expect(end).toMatchObject({ exitCode: 7, stdout: "out\n" });
  expect(end.stderr).toContain("err\n");
  expect(end.stderr).toMatch(/failed: exit 7 after 00:00:\d\d\n$/);
});

test("arguments reach the job byte for byte", async () => {
  const hostile = ["", " a  b ", "x\ny", "ü€𝕏", "'\"$(x)`*?\\", "--", "-j"];
  const print = ["bash", "-c", 'printf "%s\\0" "$@"', "bash"];
  const end = await run("anna", ["submit", "--wait", "--", ...print, ...hostile]);
  expect(end).toMatchObject({ exitCode: 0, stdout: hostile.map((word) => `${word}\0`).join("") });
});

test("environment and code arrive, and a signal's code is 128 and its number", async () => {
  const words = [
    "submit",
    "--wait",
    "-e",
    "GREETING=good day",
    "--",
    "bash",
    "-c",
    'echo "$GREETING"; bash -c "kill -SEGV \\$\\$"; exit $?',
  ];
  expect(await run("anna", words)).toMatchObject({ exitCode: 139, stdout: "good day\n" });
});

test("a second active job is refused with 75 and the first one named; another user has the own limit", async () => {
  await run("anna", ["submit", "-j", "first", "--", "sleep", "300"]);
  const second = await run("anna", ["submit", "--", "ls"]);
  expect(second).toMatchObject({ exitCode: 75, stdout: "" });
  expect(second.stderr).toContain("first");
  expect(await run("ben", ["submit", "--wait", "--", "true"])).toMatchObject({ exitCode: 0 });
});

test.each(["details", "logs", "delete"])("%s of another user's job is no such job", async (command) => {
  await run("anna", ["submit", "-j", "mine", "--", "sleep", "300"]);
  const end = await run("ben", [command, "-j", "mine"]);
  expect(end).toMatchObject({ exitCode: 3, stdout: "" });
  expect(await run("anna", ["list", "--active", "-o", "name"])).toMatchObject({ stdout: "mine\n" });
});

test.each([
  [["-r", "huge"], 2, '"huge"'],
  [["-i", "nothing"], 2, '"nothing"'],
  [["-j", "../x\n"], 2, String.raw`../x\n`],
  [["--datasets", "../../etc"], 2, "../../etc"],
  [["--datasets", "unknown"], 77, "unknown"],
  [["-r", "small-gpu"], 69, "small-gpu"],
])("submit %j is refused with %i by name", async (options, exitCode, named) => {
  const end = await run("anna", ["submit", ...options, "--", "ls"]);
  expect(end).toMatchObject({ exitCode, stdout: "" });
  expect(end.stderr).toContain(named);
});

test("a name that still has a record is refused with 2, because waiting would not help, and the command that frees it", async () => {
  await run("anna", ["submit", "--wait", "-j", "twice", "--", "true"]);
  const again = await run("anna", ["submit", "-j", "twice", "--", "true"]);
  expect(again.exitCode).toBe(2);
  expect(again.stderr).toContain("jobman delete -j twice");
  await run("anna", ["delete", "twice"]);
  expect(await run("anna", ["submit", "--wait", "-j", "twice", "--", "true"])).toMatchObject({ exitCode: 0 });
});

test("who waits is told the place and goes on when the slot is free", async () => {
  await run("ben", ["submit", "-j", "holder", "-r", "long", "--", "sleep", "300"]);
  const waiting = start("anna", ["submit", "--wait", "-r", "long", "--", "echo", "at last"]);
  await waiting.said("waiting for long, position 1");
  await run("ben", ["delete", "holder"]);
  expect(await waiting.end).toMatchObject({ exitCode: 0, stdout: "at last\n" });
});

test("a job that reaches its time limit is told so", async () => {
  const end = await run("anna", ["submit", "--wait", "-r", "short", "--", "sleep", "300"]);
  expect([137, 143]).toContain(end.exitCode);
  expect(end.stderr).toMatch(/expired: stopped at its time limit of 2 s/);
});

test("a scheduler killed in the middle of a followed job loses and repeats no line", async () => {
  const script = "for i in $(seq 1 60); do echo line $i; sleep 0.1; done; exit 5";
  const following = start("anna", ["submit", "--wait", "--", "bash", "-c", script]);
  await following.said("running on no-gpu");
  await scheduler.kill("SIGKILL");
  await following.said("connection to the scheduler lost");
  await scheduler.start();
  const end = await following.end;
  expect(end.exitCode).toBe(5);
  expect(end.stdout).toBe(Array.from({ length: 60 }, (_, index) => `line ${index + 1}\n`).join(""));
  expect(end.stderr).toContain("connected again");
});

test("Ctrl-C leaves the job running; logs -f takes it up again; delete ends it", async () => {
  const script = "trap 'echo bye; exit 3' TERM; echo begun; while :; do sleep 0.1; done";
  const waiting = start("anna", ["submit", "--wait", "-j", "kept", "--", "bash", "-c", script]);
  await waiting.said("running on no-gpu");
  waiting.child.kill("SIGINT");
  expect(await waiting.end).toMatchObject({ exitCode: 130 });
  const following = start("anna", ["logs", "-f", "kept"]);
  await following.said("running on no-gpu");
  expect(await run("anna", ["delete", "kept"])).toMatchObject({ exitCode: 0, stdout: "kept\n" });
  const end = await following.end;
  expect(end).toMatchObject({ exitCode: 3, stdout: "begun\nbye\n" });
  expect(end.stderr).toMatch(/deleted: by you.*\n$/);
});

test("every shape that scripts read is the documented one", async () => {
  const submitted = await run("anna", ["submit", "-o", "json", "--", "true"]);
  submitResponseSchema.parse(JSON.parse(submitted.stdout));
  const json = async (command: string) => JSON.parse((await run("anna", [command, "-o", "json"])).stdout);
  jobListSchema.parse(await json("list"));
  queueSchema.parse(await json("queue"));
  flavorListSchema.parse(await json("resources-flavors"));
  imageListSchema.parse(await json("images"));
});

test("a dry run shows the command and submits nothing", async () => {
  const dry = await run("anna", ["submit", "--dry-run", "--", "echo a && echo b"]);
  expect(dry.exitCode).toBe(0);
  expect(dry.stdout).toContain('"echo a && echo b"');
  expect(await run("anna", ["list", "-o", "name"])).toMatchObject({ stdout: "" });
});

test("from inside a container that has the user's socket folder", async ({ skip }) => {
  skip((await inspectImage(scheduler.docker, family)) === undefined, `there is no image ${family}`);
  const { uid, gid } = await stat(userSocket(scheduler.run, "anna").socket);
  const desktop = {
    site: loadSite(join(import.meta.dirname, "../../../site.yaml")),
    places: { state: scheduler.state, run: scheduler.run },
    owner: "anna",
    ids: { uid, gid },
    image: family,
    nodeFolder: dirname(process.execPath),
    jobmanFolder: jobman.folder,
  };
  const end = await runInDesktop(scheduler.docker, desktop, [
    "submit",
    "--wait",
    "--",
    "bash",
    "-c",
    "echo out; exit 7",
  ]);
  expect(end).toMatchObject({ exitCode: 7, stdout: "out\n" });
  const list = await runInDesktop(scheduler.docker, desktop, ["list", "--ended", "-o", "json"]);
  expect(jobListSchema.parse(JSON.parse(list.stdout)).jobs).toMatchObject([{ exitCode: 7 }]);
});
