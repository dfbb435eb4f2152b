import { expect, test } from "vitest";
import { runCommandLine } from "../testing/captured-io.ts";
import { logRoute, startWithSubmit, submitAndWait, watchRoute } from "../testing/followed-job.ts";
import { makeEndedJob, makeJob, makeLine, makeRunningJob } from "../testing/make-job.ts";
import { fault, ndjson, output, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

test("waiting follows queue, start and run in one stream and ends with the job's code", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(
    watchRoute,
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
  scheduler.on(logRoute, output(makeLine(1, "out\n"), makeLine(2, "err\n", "stderr")));
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
  scheduler.on(watchRoute, ndjson(makeEndedJob()));
  scheduler.on(logRoute, output(makeLine(1, raw), makeLine(2, "ü", "stderr")));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: raw, stderr: "ü\nsucceeded after 00:00:03\n" });
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
  scheduler.on(watchRoute, ndjson(job));
  scheduler.on(logRoute, ndjson());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode, stdout: "", stderr: `${line}\n` });
});

test("a fault of the log ends the command and is told", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, (response) => response.write(`${JSON.stringify(makeRunningJob())}\n`));
  scheduler.on(logRoute, fault(500, "INTERNAL", "the log cannot be read"));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.exitCode).toBe(70);
  expect(run.stderr).toContain("the log cannot be read");
});

test("a record that is removed right after the end does not hide how the job ended", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(watchRoute, ndjson(makeEndedJob({ state: "failed", exitCode: 9, message: "failed: exit 9" })));
  scheduler.on(logRoute, fault(404, "NO_SUCH_JOB", "you have no such job"));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toMatchObject({ exitCode: 9, stderr: "warning: you have no such job\nfailed: exit 9\n" });
});

test("output that is gone with its container does not hide how the job ended", async () => {
  await using scheduler = await startScriptedScheduler();
  const message = "failed: its container was removed";
  const job = makeEndedJob({ state: "failed", reason: "ContainerRemoved", exitCode: 137, message });
  scheduler.on(watchRoute, ndjson(job));
  scheduler.on(logRoute, fault(410, "LOG_GONE", "the output is gone"));
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 137, stdout: "", stderr: `warning: the output is gone\n${message}\n` });
});

test("estimates that move with the clock are no news", async () => {
  await using scheduler = await startScriptedScheduler();
  const at = (second: number) =>
    makeJob({ position: 1, expectedStartAt: `2026-01-02T10:00:0${second}.000Z` });
  scheduler.on(watchRoute, ndjson(at(1), at(2), at(3), makeEndedJob()));
  scheduler.on(logRoute, output());
  const run = await runCommandLine(["logs", "-f", "job1"], scheduler.socket);
  expect(run.stderr.match(/position 1/g)).toHaveLength(1);
});

test("a wait that is quiet writes the job's output alone", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(watchRoute, ndjson(makeRunningJob(), makeEndedJob()));
  scheduler.on(logRoute, output(makeLine(1)), ndjson());
  const run = await runCommandLine(["submit", "-q", "--wait", "--", "ls"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: "line 1\n", stderr: "" });
});
