import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";

const test = schedulerTest();

describe("another user's job", () => {
  test.for<readonly [string, string]>([
    ["GET", ""],
    ["DELETE", ""],
    ["GET", "/watch"],
    ["GET", "/log?follow=true"],
  ])(
    "does not exist for %s %s, word for word like an unknown one",
    async ([method, rest], { alice, bob }) => {
      const { name } = await submit(alice, { name: "secret" });
      const foreign = await bob(method, `/v1/jobs/${name}${rest}`);
      const unknown = await bob(method, `/v1/jobs/absent${rest}`);
      expect(foreign.status).toBe(404);
      expect(foreign.text).toBe(unknown.text.replaceAll("absent", "secret"));
      expect((await alice("GET", `/v1/jobs/${name}`)).status).toBe(200);
    },
  );

  test("is in the queue without any name", async ({ alice, bob }) => {
    await submit(alice, { name: "secret" });
    const { text, body } = await bob("GET", "/v1/queue");
    expect(text).not.toMatch(/secret|alice/);
    expect(body.queue).toMatchObject([{ mine: false, flavor: "no-gpu" }]);
    expect((await alice("GET", "/v1/queue")).body.queue).toMatchObject([{ mine: true, name: "secret" }]);
  });

  test("is not touched by deleting all", async ({ alice, bob }) => {
    const { name } = await submit(alice);
    await bob("DELETE", "/v1/jobs");
    await inState(alice, name, "running");
  });

  test("may have the same name", async ({ alice, bob }) => {
    const [one, two] = [await submit(alice, { name: "same" }), await submit(bob, { name: "same" })];
    expect(one.id).not.toBe(two.id);
  });
});
