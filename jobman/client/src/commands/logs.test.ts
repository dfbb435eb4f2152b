import { expect, test } from "vitest";
import { runCommandLine } from "../testing/captured-io.ts";
import { logRoute } from "../testing/followed-job.ts";
import { makeEndedJob, makeJob, makeLine, makeRunningJob } from "../testing/make-job.ts";
import { json, output, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

const neverRan = makeJob({ state: "deleted", reason: "DeletedByUser", message: "deleted: by you" });

test.each([
  [makeRunningJob(), "no output so far"],
  [makeEndedJob(), "no output; succeeded after 00:00:03"],
  [neverRan, "ended without starting; deleted: by you"],
])("a job without output is told so on stderr alone, with what became of it: %#", async (job, told) => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(logRoute, output());
  scheduler.on("GET /v1/jobs/job1", json(job));
  const run = await runCommandLine(["logs", "job1"], scheduler.socket);
  expect(run).toEqual({ exitCode: 0, stdout: "", stderr: `job1: ${told}\n` });
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
  scheduler.on(logRoute, output(makeLine(1), makeLine(2, "e\n", "stderr")));
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
