import { expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";

const test = schedulerTest({ limits: { specificationBytes: 100 } });

test("a job of more than the platform keeps is refused with the platform's own figure", async ({
  alice,
  engine,
}) => {
  const fits = { name: "fits", arguments: ["true", "x".repeat(94)] };
  expect((await alice("POST", "/v1/jobs", fits)).status).toBe(201);
  const more = { name: "more", arguments: ["true", "x".repeat(94)], environment: { A: "1" } };
  const { status, body } = await alice("POST", "/v1/jobs", more);
  expect([status, body.code, body.hint]).toEqual([
    413,
    "REQUEST_TOO_LARGE",
    expect.stringContaining("at most 100 fit"),
  ]);
  expect(engine.jobs.size).toBe(1);
});
