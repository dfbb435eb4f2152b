import { UserError } from "@workstation/cli";
import { describe, expect } from "vitest";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const test = schedulerTest();

describe("a job", () => {
  test("runs and ends with the command's exit code", async ({ engine, alice }) => {
    const { id, name } = await submit(alice);
    expect(name).toMatch(/^job-[a-z0-9]{8}$/);
    await inState(alice, name, "running");
    engine.finish(id, 7);
    expect(await inState(alice, name, "failed")).toMatchObject({
      exitCode: 7,
      reason: "CommandFailed",
      message: "failed: exit 7 after 00:00:00",
    });
  });

  test("waits in the order of submission while all slots are taken, and is told its place", async ({
    engine,
    alice,
    bob,
  }) => {
    const first = await submit(alice, { flavor: "short" });
    await inState(alice, first.name, "running");
    const second = await submit(bob, { flavor: "short" });
    expect(second).toMatchObject({ state: "queued", position: 1, reason: "WaitingForSlot" });
    expect(Date.parse(second.latestStartAt ?? "") - Date.now()).toBeLessThan(4000);
    engine.finish(first.id, 0);
    await inState(bob, second.name, "running");
  });

  test("is stopped at its time limit, warned before, and the limit outlasts a restart", async ({
    engine,
    fixture,
    alice,
  }) => {
    const { id, name } = await submit(alice, { flavor: "short" });
    const running = await inState(alice, name, "running");
    await fixture.restart();
    const warned = await until("it is warned", async () => {
      const { body } = await alice("GET", `/v1/jobs/${name}`);
      return body.warning === undefined ? undefined : body;
    });
    expect(warned.warning).toContain(warned.deadlineAt);
    const ended = await inState(alice, name, "expired");
    expect(ended).toMatchObject({ reason: "DeadlineExceeded", startedAt: running.startedAt });
    expect(Date.parse(ended.endedAt ?? "") - Date.parse(ended.startedAt ?? "")).toBeGreaterThanOrEqual(2000);
    expect(engine.jobs.get(id)?.phase).toBe("ended");
  });

  test("that could not be started says why, also after a restart", async ({ engine, fixture, alice }) => {
    engine.refuseStart = "no such device";
    const { name } = await submit(alice);
    const message = "failed: could not be started: no such device";
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "StartFailed", message });
    await fixture.restart();
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ message });
  });

  test("that used more memory than its slot has is told the limit", async ({ engine, alice }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 137, { outOfMemory: true });
    expect(await inState(alice, name, "failed")).toMatchObject({
      reason: "OutOfMemory",
      message: expect.stringMatching(
        /^failed: exit 137, out of memory \(limit 20 GB\) after 00:00:0\d; no flavor/,
      ),
    });
  });

  test("whose container somebody removed ends with its own reason, and its output is kept", async ({
    engine,
    alice,
  }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.write(id, "one\n");
    engine.vanish(id);
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
    expect((await alice("GET", `/v1/jobs/${name}/log`)).body).toMatchObject({ data: "one\n" });
  });

  test("leaves no container behind once its end is written, also where that fails at first, but its output", async ({
    engine,
    fixture,
    alice,
  }) => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.write(id, "one\n");
    engine.failNext("end", new UserError("ENGINE_UNAVAILABLE", "lost"));
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await until("it was tried", async () => {
      const { faults } = (await fixture.asOperator("GET", "/v1/status")).body;
      return faults.some((fault: { readonly message: string }) => fault.message === "lost");
    });
    expect(engine.jobs.has(id)).toBe(true);
    await fixture.restart();
    await until("its container is gone", () => !engine.jobs.has(id));
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ state: "succeeded" });
    expect((await alice("GET", `/v1/jobs/${name}/log`)).body).toMatchObject({ data: "one\n" });
  });

  test("keeps its slot and is asked for again when the answer to its start is lost", async ({
    engine,
    fixture,
    alice,
  }) => {
    engine.failNext("admit", new UserError("ENGINE_UNAVAILABLE", "lost"));
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const status = (await fixture.asOperator("GET", "/v1/status")).body;
    expect(status.faults).toMatchObject([{ where: "engine", message: "lost" }, { where: "engine" }]);
  });
});

describe("what the engine tells", () => {
  test("in a list that was asked for before a job was made does not lose the job", async ({
    engine,
    alice,
    bob,
  }) => {
    const asOf = Date.now();
    const { id, name } = await submit(alice);
    engine.resend({ without: id, asOf });
    const second = await submit(bob, { flavor: "short" });
    await inState(bob, second.name, "running");
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ id, state: "running" });
  });

  test("in a list that was asked for after a job was made, and without it, ends the job", async ({
    engine,
    alice,
  }) => {
    const { id, name } = await submit(alice);
    engine.resend({ without: id, asOf: Date.now() + 1 });
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
  });

  test("of a job that ended and yet runs takes a slot until it is ended again", async ({
    engine,
    alice,
    bob,
  }) => {
    const { id, name } = await submit(alice, { flavor: "short" });
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    engine.stubborn = true;
    engine.revive(id);
    const second = await submit(bob, { flavor: "short" });
    await inState(bob, second.name, "running");
    expect(engine.jobs.get(id)?.phase).not.toBe("running");
    expect((await alice("GET", `/v1/jobs/${name}`)).body.state).toBe("succeeded");
  });
});
