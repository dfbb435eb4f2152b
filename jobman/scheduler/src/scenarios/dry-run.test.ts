import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";

const test = schedulerTest({ datasets: { alice: ["d1", "d2"] } });

describe("a dry run", () => {
  test("shows what would run, where the job would stand, and changes nothing", async ({
    alice,
    fixture,
    engine,
  }) => {
    await mkdir(join(fixture.state, "datasets", "d1"));
    const { status, body } = await alice("POST", "/v1/jobs?dryRun=true", { arguments: ["--", "a && b"] });
    expect(status).toBe(200);
    expect(body.dryRun.arguments).toEqual(["/bin/bash", "-c", "--", "a && b", "bash"]);
    expect(body.dryRun.mounts).toContainEqual({ target: "/home/chaimeleon/datasets/d1", readOnly: true });
    expect(body.dryRun.mounts).toContainEqual({
      target: "/home/chaimeleon/persistent-home",
      readOnly: false,
    });
    expect(JSON.stringify(body)).not.toContain(fixture.state);
    expect(body.job).toMatchObject({ position: 1, flavor: "no-gpu", image: "ubuntu-python:latest" });
    expect(engine.jobs.size).toBe(0);
  });

  test.for([
    [["ls"], false, ["ls"]],
    [["ls -l"], false, ["/bin/bash", "-c", "--", "ls -l", "bash"]],
    [["ls -l"], true, ["ls -l"]],
    [["python3", "-c", "import os; print(1)"], false, ["python3", "-c", "import os; print(1)"]],
    [["--", "K=V"], false, ["/bin/bash", "-c", "--", "K=V", "bash"]],
    [["--"], true, ["--"]],
  ])("%j (exact: %j) becomes %j", async ([given, exact, expected], { alice }) => {
    const { body } = await alice("POST", "/v1/jobs?dryRun=true", { arguments: given, exact });
    expect(body.dryRun.arguments).toEqual(expected);
  });
});
