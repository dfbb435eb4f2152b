import { expect, test } from "vitest";
import type { Job } from "../protocol/index.ts";
import { makeEndedJob, makeJob } from "../testing/make-job.ts";
import { outcomeExitCode, outcomeLine } from "./outcome.ts";

const cases: readonly (readonly [string, Job, number])[] = [
  ["success", makeEndedJob(), 0],
  ["the command's own code", makeEndedJob({ state: "failed", exitCode: 7 }), 7],
  ["128 and the signal", makeEndedJob({ state: "failed", reason: "OutOfMemory", exitCode: 137 }), 137],
  ["the code it had when its time was over", makeEndedJob({ state: "expired", exitCode: 143 }), 143],
  ["1 for a job that never ran", makeJob({ state: "deleted", reason: "DeletedByUser" }), 1],
  ["1 where no code is known", makeJob({ state: "failed", reason: "NodeLost" }), 1],
  ["1 for a failure whose command said 0", makeEndedJob({ state: "failed", exitCode: 0 }), 1],
  ["1 for a job deleted after its command said 0", makeEndedJob({ state: "deleted", exitCode: 0 }), 1],
];

test.each(cases)("the exit code is %s", (_, job, wanted) => {
  expect(outcomeExitCode(job)).toBe(wanted);
});

test("a hostile sentence cannot drive the terminal", () => {
  const job = makeEndedJob({ message: "failed: \u001b[2J\r\nexit 0\u202e" });
  expect(outcomeLine(job)).toBe(String.raw`failed: \u001b[2J\u000d\nexit 0\u202e`);
});

test("the last line has the notes on the job, too", () => {
  const job = makeEndedJob({ notes: ["init.sh failed: exit code 3"] });
  expect(outcomeLine(job)).toBe("succeeded after 00:00:03; init.sh failed: exit code 3");
});
