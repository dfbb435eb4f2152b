import { expect, test } from "vitest";
import { runJobman } from "../run-jobman.ts";
import { createWorld, runCommandLine } from "../testing/captured-io.ts";
import {
  logRoute,
  nextRequest,
  seen,
  startFollowing,
  startWithSubmit,
  submitAndWait,
  watchRoute,
} from "../testing/followed-job.ts";
import { makeEndedJob, makeJob, makeLine, makeRunningJob } from "../testing/make-job.ts";
import {
  cutNdjson,
  fault,
  ndjson,
  output,
  type ScriptedScheduler,
  startScriptedScheduler,
} from "../testing/scripted-scheduler.ts";

test("a connection that drops in the middle of a line loses and repeats nothing", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, cutNdjson(makeRunningJob()), ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(
    logRoute,
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
  scheduler.on(watchRoute, ndjson(makeRunningJob()), ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(logRoute, output(makeLine(1)), output(makeLine(2)), ndjson());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 0, stdout: "line 1\nline 2\n" });
});

test("many lost connections leave nothing behind", async () => {
  await using scheduler = await startScriptedScheduler();
  const warnings: string[] = [];
  const note = (warning: Error) => warnings.push(warning.message);
  process.on("warning", note);
  const cuts = Array.from({ length: 15 }, () => cutNdjson(makeRunningJob()));
  scheduler.on(watchRoute, ...cuts, ndjson(makeEndedJob()));
  scheduler.on(logRoute, output());
  expect(await runCommandLine(["logs", "-f", "job1"], scheduler.socket)).toMatchObject({ exitCode: 0 });
  process.off("warning", note);
  expect(warnings).toEqual([]);
});

test("a scheduler that is restarted is waited for", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watchRoute);
  const { world, exitCode } = startFollowing(scheduler, submitAndWait);
  (await watching).write(`${JSON.stringify(makeJob({ position: 1 }))}\n`);
  await seen(world, "position 1");
  await scheduler.stop();
  await seen(world, "lost");
  scheduler.on(watchRoute, ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(logRoute, output(makeLine(1)));
  await scheduler.start();
  expect(await exitCode).toBe(0);
  expect(world.stdout()).toBe("line 1\n");
  expect(world.stderr().match(/lost/g)).toHaveLength(1);
});

test("a scheduler that stays away is given up with 69", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, cutNdjson(makeJob()));
  let now = 0;
  const elevenMinutes = 11 * 60_000;
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket }, { now: () => (now += elevenMinutes) });
  expect(await runJobman(["logs", "-f", "job1"], world.io)).toBe(69);
  expect(world.stderr()).toContain("jobman list");
});

test("a job that disappears while it is followed is no such job", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, cutNdjson(makeJob()), fault(404, "NO_SUCH_JOB", 'no job "job1"'));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(3);
});

test("a job that got a successor of the same name is told from it", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, cutNdjson(makeJob({ id: "first" })), ndjson(makeEndedJob({ id: "second" })));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(3);
  expect(run.stderr).toContain("another one has its name");
});

/** The cursors behind which the output was asked for, in order. */
function askedAfter(scheduler: ScriptedScheduler): readonly (string | null)[] {
  return scheduler.received
    .filter((request) => request.url.startsWith("/v1/jobs/job1/log"))
    .map((request) => new URL(request.url, "http://jobman").searchParams.get("after"));
}
