import { expect, test } from "vitest";
import { createProblemBoard } from "../diagnostics/problems.ts";
import { createFakeEngine } from "../testing/fake-engine.ts";
import { makeSchedulerBed } from "../testing/scheduler-bed.ts";

test("a problem stands in status and metrics, and what users should know of it in the answer to a submit", async () => {
  const problems = createProblemBoard();
  const bed = await makeSchedulerBed({ engine: createFakeEngine(Date.now), users: ["alice"], problems });
  try {
    const warnings = async () =>
      (await bed.as("alice")("POST", "/v1/jobs?dryRun=true", { arguments: ["true"] })).body.warnings;
    const status = async () => (await bed.asOperator("GET", "/v1/status")).body.problems;
    const metrics = async () => (await bed.asOperator("GET", "/metrics")).text;
    expect([await warnings(), await status()]).toEqual([[], []]);
    problems.set("services", [{ message: "correct site.yaml", forUsers: "ask the operator" }]);
    expect([await warnings(), await status()]).toEqual([["ask the operator"], ["correct site.yaml"]]);
    expect(await metrics()).toContain('jobman_problems{where="services"} 1');
    problems.set("services", []);
    expect([await warnings(), await status()]).toEqual([[], []]);
    expect(await metrics()).toContain('jobman_problems{where="services"} 0');
  } finally {
    await bed.dispose();
  }
});
