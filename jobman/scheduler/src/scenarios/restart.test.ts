import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const test = schedulerTest();

describe("after a restart", () => {
  test("what waits keeps its place, what runs goes on, what ended is still told", async ({
    fixture,
    alice,
    bob,
    carol,
  }) => {
    const ended = await submit(alice, { flavor: "short", environment: { TOKEN: "very-secret" } });
    const waiting = [await submit(bob, { flavor: "short" }), await submit(carol, { flavor: "short" })];
    await inState(alice, ended.name, "running");
    await alice("DELETE", `/v1/jobs/${ended.name}`);
    await fixture.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toMatchObject([{ id: ended.id, state: "deleted" }]);
    await inState(bob, waiting[0]?.name ?? "", "running");
    expect((await carol("GET", "/v1/jobs")).body.jobs).toMatchObject([{ position: 1 }]);
    const next = await submit(alice, { flavor: "short" });
    expect(next.position).toBe(2);
  });

  test("a job that was accepted and whose container vanished meanwhile is not lost", async ({
    engine,
    fixture,
    alice,
  }) => {
    const { name, id } = await submit(alice);
    await inState(alice, name, "running");
    await fixture.restart(() => engine.vanish(id));
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ reason: "ContainerRemoved" });
  });

  test("an end that was asked for before is told as such", async ({ engine, fixture, alice }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.stubborn = true;
    const cut = alice("DELETE", `/v1/jobs/${name}`).catch(() => undefined);
    await until("it is being stopped", async () => {
      return (await alice("GET", `/v1/jobs/${name}`)).body.message.includes("being stopped");
    });
    await fixture.restart(() => engine.finish(id, 143));
    await cut;
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ reason: "DeletedByUser" });
  });

  test("what its owner should know of a job beside its end is still told", async ({
    engine,
    fixture,
    alice,
  }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0, { outOfMemory: true, initError: "exit code 3" });
    const notes = [
      "init.sh failed: exit code 3",
      expect.stringMatching(/^a process of it was killed for memory \(limit \d/),
    ];
    expect(await inState(alice, name, "succeeded")).toMatchObject({ notes });
    await fixture.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toMatchObject([{ state: "succeeded", notes }]);
  });

  test("no secret of an environment is in the journal or the audit", async ({ fixture, alice }) => {
    const { name } = await submit(alice, { environment: { TOKEN: "very-secret" } });
    await inState(alice, name, "running");
    await alice("DELETE", `/v1/jobs/${name}`);
    await fixture.restart();
    for (const file of ["jobs.jsonl", "audit.jsonl"]) {
      const text = await readFile(join(fixture.state, file), "utf8");
      expect(text).toContain(name);
      expect(text).not.toContain("very-secret");
    }
  });
});
