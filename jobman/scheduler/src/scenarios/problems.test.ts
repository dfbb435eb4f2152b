import { readFileSync, writeFileSync } from "node:fs";
import { userFolder } from "@workstation/site";
import { expect, test } from "vitest";
import { createProblemBoard } from "../diagnostics/problems.ts";
import { createFakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerFixture } from "../testing/scheduler-fixture.ts";

test("a problem stands in status and metrics, and what users should know of it in the answer to a submit", async () => {
  const problems = createProblemBoard();
  const fixture = await makeSchedulerFixture({
    engine: createFakeEngine(Date.now),
    users: ["alice"],
    problems,
  });
  try {
    const warnings = async () =>
      (await fixture.as("alice")("POST", "/v1/jobs?dryRun=true", { arguments: ["true"] })).body.warnings;
    const status = async () => (await fixture.asOperator("GET", "/v1/status")).body.problems;
    const metrics = async () => (await fixture.asOperator("GET", "/metrics")).text;
    expect([await warnings(), await status()]).toEqual([[], []]);
    problems.set("services", [{ message: "correct site.yaml", forUsers: "ask the operator" }]);
    expect([await warnings(), await status()]).toEqual([["ask the operator"], ["correct site.yaml"]]);
    expect(await metrics()).toContain('jobman_problems{where="services"} 1');
    problems.set("services", []);
    expect([await warnings(), await status()]).toEqual([[], []]);
    expect(await metrics()).toContain('jobman_problems{where="services"} 0');
  } finally {
    await fixture.dispose();
  }
});

test("a user who is not served is a problem with a place of its own, until that is mended", async () => {
  await using fixture = await makeSchedulerFixture({ engine: createFakeEngine(Date.now), users: ["alice"] });
  const { record } = userFolder(fixture.state, "alice");
  const rescan = () => fixture.asOperator("POST", "/v1/users/rescan");
  const told = async () => {
    const { problems } = (await fixture.asOperator("GET", "/v1/status")).body;
    return [problems, (await fixture.asOperator("GET", "/metrics")).text] as const;
  };
  const whole = readFileSync(record, "utf8");
  writeFileSync(record, "{}");
  await rescan();
  const [problems, metrics] = await told();
  expect(problems).toEqual([expect.stringContaining("alice")]);
  expect(metrics).toContain('jobman_problems{where="users"} 1');
  writeFileSync(record, whole);
  await rescan();
  expect(await told()).toEqual([[], expect.stringContaining('jobman_problems{where="users"} 0')]);
});
