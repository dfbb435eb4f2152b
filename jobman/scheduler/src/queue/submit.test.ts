import { expect, test } from "vitest";
import type { JobRecord } from "./model.ts";
import { checkSubmit } from "./submit.ts";
import { runningJob, waitingJob } from "./testing/make-job.ts";

const request = { owner: "ada", name: "train" };

function check(jobs: readonly JobRecord[], maxActiveJobsPerUser = 1) {
  return checkSubmit({ jobs, flavors: [], maxActiveJobsPerUser }, request);
}

test("a user without active job may submit, whatever others do", () => {
  const ended = waitingJob({ sequence: 1 }, { state: "succeeded" });
  expect(check([ended, runningJob({ sequence: 2, owner: "ben", name: "train" })])).toEqual({ ok: true });
});

test.each([
  ["waits", waitingJob({ sequence: 1, name: "first", flavor: "small-gpu" }), "queued"],
  [
    "starts",
    waitingJob({ sequence: 1, name: "first", flavor: "small-gpu" }, { state: "starting" }),
    "starting",
  ],
  ["runs", runningJob({ sequence: 1, name: "first", flavor: "small-gpu" }), "running"],
  [
    "is being stopped",
    runningJob({ sequence: 1, name: "first", flavor: "small-gpu" }, 0, { stopping: "user" }),
    "being stopped",
  ],
])("the refusal of a second job names the active one that %s in another flavor", (_, job, state) => {
  expect(check([job])).toEqual({
    ok: false,
    code: "USER_LIMIT",
    message: `you may have one active job, waiting or running, over all flavors; active now: first (small-gpu, ${state})`,
    hint: "wait for an end, or end one: jobman delete -j first",
  });
});

test("a higher cap counts all flavors together and names every active job", () => {
  const jobs = [
    runningJob({ sequence: 1, name: "one" }),
    waitingJob({ sequence: 2, name: "two", flavor: "large-gpu" }),
  ];
  expect(check(jobs, 3)).toEqual({ ok: true });
  expect(check(jobs, 2)).toMatchObject({
    code: "USER_LIMIT",
    hint: "wait for an end, or end one: jobman delete -j one or jobman delete -j two",
  });
});

test("a name that still has a record is refused with the command that frees it", () => {
  const ended = waitingJob({ sequence: 1, name: "train" }, { state: "failed", reason: "CommandFailed" });
  expect(check([ended])).toEqual({
    ok: false,
    code: "NAME_TAKEN",
    message: "your job train (failed) already has this name",
    hint: "choose another name, or free it: jobman delete -j train",
  });
});

test("the name of an active job is freed by ending it and then removing its record", () => {
  expect(check([runningJob({ sequence: 1, name: "train" })], 2)).toMatchObject({
    code: "NAME_TAKEN",
    hint: "choose another name, or free it: jobman delete -j train && jobman delete -j train",
  });
});
