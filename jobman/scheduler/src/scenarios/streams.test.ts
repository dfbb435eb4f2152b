import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";

const test = schedulerTest();

describe("streams", () => {
  test("watch warns of the time limit when it is near, though nothing else happens", async ({ alice }) => {
    const { name } = await submit(alice, { flavor: "short" });
    const { text } = await alice("GET", `/v1/jobs/${name}/watch`);
    const told = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const warned = told.filter((job) => job.state === "running" && job.warning !== undefined);
    expect(warned).toHaveLength(1);
    expect(told.at(-1)).toMatchObject({ state: "expired" });
  });

  test("watch tells each state once and ends with the last", async ({ engine, alice }) => {
    const { id, name } = await submit(alice);
    const watching = alice("GET", `/v1/jobs/${name}/watch`);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    const states = (await watching).text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).state);
    expect(states.at(-1)).toBe("succeeded");
    expect(new Set(states).size).toBe(states.length);
  });

  test("a followed log waits for the start, ends with the job, and resumes behind a cursor", async ({
    engine,
    alice,
    bob,
  }) => {
    const first = await submit(bob, { flavor: "short" });
    const { id, name } = await submit(alice, { flavor: "short" });
    const following = alice("GET", `/v1/jobs/${name}/log?follow=true`);
    engine.finish(first.id, 0);
    await inState(alice, name, "running");
    engine.write(id, "one\n");
    engine.write(id, "two\u2028\u0085\n");
    engine.finish(id, 0);
    const lines = (await following).text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map((line) => line.data)).toEqual(["one\n", "two\u2028\u0085\n"]);
    const rest = await alice("GET", `/v1/jobs/${name}/log?after=${lines[0].cursor}`);
    expect(rest.text.trim().split("\n")).toHaveLength(1);
  });

  test("are cut, not ended, when the scheduler stops", async ({ fixture, alice }) => {
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const cut = expect(alice("GET", `/v1/jobs/${name}/watch`)).rejects.toThrow(/aborted|reset|hang up/);
    await fixture.restart();
    await cut;
    await inState(alice, name, "running");
  });
});
