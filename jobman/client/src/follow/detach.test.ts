import { expect, test } from "vitest";
import { runCommandLine } from "../testing/captured-io.ts";
import {
  nextRequest,
  startFollowing,
  startWithSubmit,
  submitAndWait,
  watchRoute,
} from "../testing/followed-job.ts";
import { makeJob } from "../testing/make-job.ts";

test("Ctrl-C detaches with 130 and says how to go on; the job is left alone", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watchRoute);
  const { world, exitCode } = startFollowing(scheduler, submitAndWait);
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
  const watching = nextRequest(scheduler, watchRoute);
  const { world, exitCode } = startFollowing(scheduler, submitAndWait);
  await watching;
  world.interrupt();
  world.interrupt();
  expect(world.abandonedWith()).toBe(130);
  expect(await exitCode).toBe(130);
});

test("--timeout stops waiting with 124", async () => {
  await using scheduler = await startWithSubmit();
  scheduler.on(watchRoute, (response) => response.write(`${JSON.stringify(makeJob())}\n`));
  const run = await runCommandLine(
    ["submit", "--wait", "--timeout", "0.2s", "--", "sleep", "60"],
    scheduler.socket,
  );
  expect(run).toMatchObject({ exitCode: 124, stdout: "" });
  expect(run.stderr).toContain("jobman delete job1");
});

test("without a reader of stdout the command detaches", async () => {
  await using scheduler = await startWithSubmit();
  const watching = nextRequest(scheduler, watchRoute);
  const { world, exitCode } = startFollowing(scheduler, submitAndWait);
  await watching;
  world.closeReader();
  expect(await exitCode).toBe(130);
});
