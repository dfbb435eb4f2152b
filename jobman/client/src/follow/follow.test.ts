import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { runJobman } from "../run-jobman.ts";
import { createWorld, runCommandLine, type World } from "../testing/captured-io.ts";
import { makeEndedJob, makeJob, makeLine, makeRunningJob } from "../testing/make-job.ts";
import {
  cutNdjson,
  fault,
  json,
  ndjson,
  output,
  type Reply,
  type ScriptedScheduler,
  startScriptedScheduler,
} from "../testing/scripted-scheduler.ts";

const watch = "GET /v1/jobs/job1/watch";
const log = "GET /v1/jobs/job1/log";
const submitAndWait = ["submit", "--wait", "--", "python", "x.py"];

async function startWithSubmit(): Promise<ScriptedScheduler> {
  const scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json({ apiVersion: "v1", job: makeJob(), warnings: [] }));
  return scheduler;
}

/** The cursors behind which the output was asked for, in order. */
function askedAfter(scheduler: ScriptedScheduler): readonly (string | null)[] {
  return scheduler.received
    .filter((request) => request.url.startsWith("/v1/jobs/job1/log"))
    .map((request) => new URL(request.url, "http://jobman").searchParams.get("after"));
}

test("waiting follows queue, start and run in one stream and ends with the job's code", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(
    watch,
    ndjson(
      makeJob({ position: 2 }),
      makeJob({ position: 1 }),
      makeJob({ position: 1 }),
      makeJob({ state: "starting", reason: "Starting" }),
      makeRunningJob({ warning: "10 min are left" }),
      makeEndedJob({
        state: "failed",
        reason: "CommandFailed",
        exitCode: 7,
        message: "failed: exit 7 after 00:00:03",
      }),
    ),
  );
  scheduler.on(log, output(makeLine(1, "out\n"), makeLine(2, "err\n", "stderr")));
  const run = await runCommandLine(submitAndWait, scheduler.socket);
  expect(run).toMatchObject({ exitCode: 7, stdout: "out\n" });
  expect(run.stderr.split("\n").filter((line) => line !== "err")).toEqual([
    "job1: waiting for no-gpu, position 2",
    "job1: waiting for no-gpu, position 1",
    "job1: starting",
    "job1: running on no-gpu (limit 8 h)",
    "warning: 10 min are left",
    "failed: exit 7 after 00:00:03",
    "",
  ]);
  expect(run.stderr).toContain("err\n");
});

test("output goes through as the job wrote it, without a line end too", async () => {
  await using scheduler = await startScriptedScheduler();
  const raw = "\u001b[31mred\u001b[0m \u0007 50 %\r";
  scheduler.on(watch, ndjson(makeEndedJob()));
  scheduler.on(log, output(makeLine(1, raw), makeLine(2, "ü", "stderr")));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: raw, stderr: "ü\nsucceeded after 00:00:03\n" });
});

test("a connection that drops in the middle of a line loses and repeats nothing", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, cutNdjson(makeRunningJob()), ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(
    log,
    cutNdjson(makeLine(1), makeLine(2)),
    (response) => response.destroy(),
    cutNdjson(makeLine(3)),
    output(makeLine(4)),
    ndjson(),
  );
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 0, stdout: "line 1\nline 2\nline 3\nline 4\n" });
  expect(askedAfter(scheduler).slice(0, 4)).toEqual([null, "2", "2", "3"]);
  expect(run.stderr).toContain("lost");
  expect(run.stderr.endsWith("connected again\nsucceeded after 00:00:03\n")).toBe(true);
});

test("output that a scheduler ended in good order on its way down is asked for again after the end", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, ndjson(makeRunningJob()), ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(log, output(makeLine(1)), output(makeLine(2)), ndjson());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 0, stdout: "line 1\nline 2\n" });
});

test("many lost connections leave nothing behind", async () => {
  await using scheduler = await startScriptedScheduler();
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on("warning", note);
  const cuts = Array.from({ length: 15 }, () => cutNdjson(makeRunningJob()));
  scheduler.on(watch, ...cuts, ndjson(makeEndedJob()));
  scheduler.on(log, output());
  expect(await runCommandLine(["logs", "-f", "job1"], scheduler.socket)).toMatchObject({ exitCode: 0 });
  process.off("warning", note);
  expect(warnings).toEqual([]);
});

test("a scheduler that is restarted is waited for", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watch);
  const { world, exitCode } = start(scheduler, submitAndWait);
  (await watching).write(`${JSON.stringify(makeJob({ position: 1 }))}\n`);
  await seen(world, "position 1");
  await scheduler.stop();
  await seen(world, "lost");
  scheduler.on(watch, ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(log, output(makeLine(1)));
  await scheduler.start();
  expect(await exitCode).toBe(0);
  expect(world.stdout()).toBe("line 1\n");
  expect(world.stderr().match(/lost/g)).toHaveLength(1);
});

test("a scheduler that stays away is given up with 69", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, cutNdjson(makeJob()));
  let now = 0;
  const elevenMinutes = 11 * 60_000;
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket }, { now: () => (now += elevenMinutes) });
  expect(await runJobman(["logs", "-f", "job1"], world.io)).toBe(69);
  expect(world.stderr()).toContain("jobman list");
});

test.each([
  [
    makeJob({ state: "deleted", reason: "DeletedByUser", message: "deleted: by you before it started" }),
    1,
    "deleted: by you before it started",
  ],
  [makeEndedJob(), 0, "succeeded after 00:00:03"],
])("a job that has ended before anybody followed it is told at once: %#", async (job, exitCode, line) => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, ndjson(job));
  scheduler.on(log, ndjson());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode, stdout: "", stderr: `${line}\n` });
});

test("a job that disappears while it is followed is no such job", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, cutNdjson(makeJob()), fault(404, "NO_SUCH_JOB", 'no job "job1"'));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(3);
});

test("a fault of the log ends the command and is told", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, (response) => response.write(`${JSON.stringify(makeRunningJob())}\n`));
  scheduler.on(log, fault(500, "INTERNAL", "the log cannot be read"));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(70);
  expect(run.stderr).toContain("the log cannot be read");
});

test("a job that got a successor of the same name is told from it", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watch, cutNdjson(makeJob({ id: "first" })), ndjson(makeEndedJob({ id: "second" })));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain("another one has its name");
});

test("output that is gone with its container does not hide how the job ended", async () => {
  await using scheduler = await startScriptedScheduler();
  const message = "failed: its container was removed";
  const job = makeEndedJob({ state: "failed", reason: "ContainerRemoved", exitCode: 137, message });
  scheduler.on(watch, ndjson(job));
  scheduler.on(log, fault(410, "LOG_GONE", "the output is gone"));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 137, stdout: "", stderr: `warning: the output is gone\n${message}\n` });
});

test("estimates that move with the clock are no news", async () => {
  await using scheduler = await startScriptedScheduler();
  const at = (second: number) =>
    makeJob({ position: 1, expectedStartAt: `2026-01-02T10:00:0${second}.000Z` });
  scheduler.on(watch, ndjson(at(1), at(2), at(3), makeEndedJob()));
  scheduler.on(log, output());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.stderr.match(/position 1/g)).toHaveLength(1);
});

test("Ctrl-C detaches with 130 and says how to go on; the job is left alone", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watch);
  const { world, exitCode } = start(scheduler, submitAndWait);
  await watching;
  world.interrupt();
  expect(await exitCode).toBe(130);
  expect(world.stderr()).toContain(
    "detached: job1 goes on\n  follow it: jobman logs -f job1\n  cancel it: jobman delete job1\n",
  );
  expect(scheduler.received.filter((request) => request.method === "DELETE")).toEqual([]);
  expect(world.abandonedWith()).toBeUndefined();
});

test("a second Ctrl-C ends the process at once", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watch);
  const { world, exitCode } = start(scheduler, submitAndWait);
  await watching;
  world.interrupt();
  world.interrupt();
  expect(world.abandonedWith()).toBe(130);
  expect(await exitCode).toBe(130);
});

test("--timeout stops waiting with 124", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(watch, (response) => response.write(`${JSON.stringify(makeJob())}\n`));
  const run = await runCommandLine(
    ["submit", "--wait", "--timeout", "0.2s", "--", "sleep", "60"],
    scheduler.socket,
  );
  expect(run).toMatchObject({ exitCode: 124, stdout: "" });
  expect(run.stderr).toContain("jobman delete job1");
});

test("without a reader of stdout the command detaches", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watch);
  const { world, exitCode } = start(scheduler, submitAndWait);
  await watching;
  world.closeReader();
  expect(await exitCode).toBe(130);
});

test("a wait that is quiet writes the job's output alone", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(watch, ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(log, output(makeLine(1)), ndjson());
  const run = await runCommandLine(["submit", "-q", "--wait", "--", "ls"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: "line 1\n", stderr: "" });
});

test("a job without output is told so on stderr alone", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(log, output());
  const run = await runCommandLine(["logs", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: "", stderr: "job1: no output so far\n" });
});

test.each([
  [["logs", "job1", "-o", "yaml"], "yaml"],
  [["logs", "-f", "job1", "-o", "json"], "json"],
])("%j is refused: output is the job's own", async (words, format) => {
  const run = await runCommandLine(words, "/nonexistent");
  expect(run.exitCode).toBe(2);
  expect(run.stderr).toContain(`cannot be had as ${format}`);
});

test("logs without --follow gives what is there, and as NDJSON on request", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(log, output(makeLine(1), makeLine(2, "e\n", "stderr")));
  const plain = await runCommandLine(["log", "-j", "job1"], scheduler.socket);
  expect(plain).toEqual({ exitCode: 0, stdout: "line 1\n", stderr: "e\n" });
  const lines = await runCommandLine(["logs", "job1", "-o", "json"], scheduler.socket);
  expect(
    lines.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toEqual([makeLine(1), makeLine(2, "e\n", "stderr")]);
});

function start(scheduler: ScriptedScheduler, words: readonly string[]) {
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket });
  return { world, exitCode: runJobman(words, world.io) };
}

/** The open answer to the next request of a route. */
function nextRequest(scheduler: ScriptedScheduler, route: string): Promise<ServerResponse> {
  return new Promise((resolve) => {
    const hold: Reply = (response) => {
      response.flushHeaders();
      resolve(response);
    };
    scheduler.on(route, hold);
  });
}

/** Waits until the command has said `text` on stderr. */
async function seen(world: World, text: string): Promise<void> {
  while (!world.stderr().includes(text)) await once(world.said, "text");
}
