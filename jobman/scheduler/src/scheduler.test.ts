import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import type { Job } from "@workstation/jobman/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFakeEngine, type FakeEngine } from "./testing/fake-engine.ts";
import { type Ask, makeSchedulerBed, type SchedulerBed } from "./testing/scheduler-bed.ts";
import { until } from "./testing/until.ts";

let engine: FakeEngine;
let bed: SchedulerBed;
let alice: Ask;
let bob: Ask;

const clock = { ahead: 0 };

beforeEach(async () => {
  clock.ahead = 0;
  engine = createFakeEngine(Date.now);
  const now = () => Date.now() + clock.ahead;
  bed = await makeSchedulerBed({ engine, users: ["alice", "bob", "carol"], now });
  alice = bed.as("alice");
  bob = bed.as("bob");
});
afterEach(() => bed.dispose());

const command = { arguments: ["true"] };

async function submit(as: Ask, parts: object = {}): Promise<Job> {
  const { status, body } = await as("POST", "/v1/jobs", { ...command, ...parts });
  expect(body).toMatchObject({ apiVersion: "v1" });
  expect(status).toBe(201);
  return body.job;
}

function inState(as: Ask, name: string, state: string): Promise<Job> {
  return until(`${name} is ${state}`, async () => {
    const { body } = await as("GET", `/v1/jobs/${name}`);
    return body.state === state ? body : undefined;
  });
}

describe("a job", () => {
  test("runs and ends with the command's exit code", async () => {
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

  test("waits in the order of submission while all slots are taken, and is told its place", async () => {
    const first = await submit(alice, { flavor: "short" });
    await inState(alice, first.name, "running");
    const second = await submit(bob, { flavor: "short" });
    expect(second).toMatchObject({ state: "queued", position: 1, reason: "WaitingForSlot" });
    expect(Date.parse(second.latestStartAt ?? "") - Date.now()).toBeLessThan(4000);
    engine.finish(first.id, 0);
    await inState(bob, second.name, "running");
  });

  test("is stopped at its time limit, warned before, and the limit outlasts a restart", async () => {
    const { id, name } = await submit(alice, { flavor: "short" });
    const running = await inState(alice, name, "running");
    await bed.restart();
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

  test("that could not be started says why, also after a restart", async () => {
    engine.refuseStart = "no such device";
    const { name } = await submit(alice);
    const message = "failed: could not be started: no such device";
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "StartFailed", message });
    await bed.restart();
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ message });
  });

  test("that used more memory than its slot has is told the limit", async () => {
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

  test("whose container somebody removed ends with its own reason, and its output is gone", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.vanish(id);
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
    expect((await alice("GET", `/v1/jobs/${name}/log`)).body).toMatchObject({ code: "LOG_GONE" });
  });

  test("keeps its slot and is asked for again when the answer to its start is lost", async () => {
    engine.failNext("admit", new UserError("ENGINE_UNAVAILABLE", "lost"));
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const status = (await bed.asOperator("GET", "/v1/status")).body;
    expect(status.faults).toMatchObject([{ where: "engine", message: "lost" }, { where: "engine" }]);
  });
});

describe("what the engine tells", () => {
  test("in a list that was made just before a job does not lose the job", async () => {
    const { id, name } = await submit(alice);
    engine.resend(id);
    const second = await submit(bob, { flavor: "short" });
    await inState(bob, second.name, "running");
    expect((await alice("GET", `/v1/jobs/${name}`)).body.state).not.toBe("failed");
  });

  test("in a list long after a job was made, and without it, ends the job", async () => {
    const { id, name } = await submit(alice);
    clock.ahead = 60_000;
    engine.resend(id);
    expect(await inState(alice, name, "failed")).toMatchObject({ reason: "ContainerRemoved" });
  });

  test("of a job that ended and yet runs takes a slot until it is ended again", async () => {
    const { id, name } = await submit(alice, { flavor: "short" });
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    engine.stubborn = true;
    engine.revive(id);
    const second = await submit(bob, { flavor: "short" });
    await inState(bob, second.name, "running");
    expect(engine.jobs.get(id)?.phase).toBe("ended");
    expect((await alice("GET", `/v1/jobs/${name}`)).body.state).toBe("succeeded");
  });
});

describe("the cap of one active job a user", () => {
  test("refuses a second job over all flavors and names the first", async () => {
    const { name } = await submit(alice);
    const { status, body } = await alice("POST", "/v1/jobs", { ...command, flavor: "short" });
    expect([status, body.code]).toEqual([409, "USER_LIMIT"]);
    expect(body.message).toContain(name);
    expect(body.hint).toContain(`jobman delete -j ${name}`);
  });

  test("holds for requests that come together", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => alice("POST", "/v1/jobs", command)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(engine.jobs.size).toBe(1);
  });

  test("frees the place with the job's end", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await submit(alice);
  });
});

describe("deleting", () => {
  test("ends an active job, keeps its record, and frees the user's place", async () => {
    const { name } = await submit(alice, { name: "mine" });
    await inState(alice, name, "running");
    const { status, body } = await alice("DELETE", "/v1/jobs/mine");
    expect([status, body.state, body.reason, body.exitCode]).toEqual([200, "deleted", "DeletedByUser", 143]);
    expect((await alice("POST", "/v1/jobs", { ...command, name: "mine" })).body).toMatchObject({
      code: "NAME_TAKEN",
      hint: expect.stringContaining("jobman delete -j mine"),
    });
    await submit(alice, { name: "other" });
  });

  test("removes an ended job with its record and its container, for good", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.finish(id, 0);
    await inState(alice, name, "succeeded");
    await alice("DELETE", `/v1/jobs/${name}`);
    expect((await alice("GET", `/v1/jobs/${name}`)).status).toBe(404);
    await until("the container is gone", () => !engine.jobs.has(id));
    await bed.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toEqual([]);
  });

  test("removes a waiting job at once", async () => {
    const first = await submit(alice, { flavor: "short" });
    const waiting = await submit(bob, { flavor: "short" });
    const { body } = await bob("DELETE", `/v1/jobs/${waiting.name}`);
    expect(body).toMatchObject({ state: "deleted", message: "deleted: by you before it started" });
    expect([...engine.jobs.keys()]).toEqual([first.id]);
  });

  test("waits for a job that takes its grace, and all are deleted with one request", async () => {
    engine.stubborn = true;
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await alice("DELETE", "/v1/jobs");
    expect(body.jobs).toMatchObject([{ name, state: "deleted" }]);
  });

  test("is the operator's right, too, and the job says so", async () => {
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const { body } = await bed.asOperator("DELETE", `/v1/users/alice/jobs/${name}`);
    expect(body).toMatchObject({ reason: "DeletedByOperator" });
  });
});

describe("another user's job", () => {
  test.each([
    ["GET", ""],
    ["DELETE", ""],
    ["GET", "/watch"],
    ["GET", "/log?follow=true"],
  ])("does not exist for %s %s, word for word like an unknown one", async (method, rest) => {
    const { name } = await submit(alice, { name: "secret" });
    const foreign = await bob(method, `/v1/jobs/${name}${rest}`);
    const unknown = await bob(method, `/v1/jobs/absent${rest}`);
    expect(foreign.status).toBe(404);
    expect(foreign.text).toBe(unknown.text.replaceAll("absent", "secret"));
    expect((await alice("GET", `/v1/jobs/${name}`)).status).toBe(200);
  });

  test("is in the queue without any name", async () => {
    await submit(alice, { name: "secret" });
    const { text, body } = await bob("GET", "/v1/queue");
    expect(text).not.toMatch(/secret|alice/);
    expect(body.queue).toMatchObject([{ mine: false, flavor: "no-gpu" }]);
    expect((await alice("GET", "/v1/queue")).body.queue).toMatchObject([{ mine: true, name: "secret" }]);
  });

  test("is not touched by deleting all", async () => {
    const { name } = await submit(alice);
    await bob("DELETE", "/v1/jobs");
    await inState(alice, name, "running");
  });

  test("may have the same name", async () => {
    const [one, two] = [await submit(alice, { name: "same" }), await submit(bob, { name: "same" })];
    expect(one.id).not.toBe(two.id);
  });
});

describe("streams", () => {
  test("watch warns of the time limit when it is near, though nothing else happens", async () => {
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

  test("watch tells each state once and ends with the last", async () => {
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

  test("a followed log waits for the start, ends with the job, and resumes behind a cursor", async () => {
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

  test("are cut, not ended, when the scheduler stops", async () => {
    const { name } = await submit(alice);
    await inState(alice, name, "running");
    const cut = expect(alice("GET", `/v1/jobs/${name}/watch`)).rejects.toThrow(/aborted|reset|hang up/);
    await bed.restart();
    await cut;
    await inState(alice, name, "running");
  });
});

describe("after a restart", () => {
  test("what waits keeps its place, what runs goes on, what ended is still told", async () => {
    const ended = await submit(alice, { flavor: "short", environment: { TOKEN: "very-secret" } });
    const waiting = [
      await submit(bob, { flavor: "short" }),
      await submit(bed.as("carol"), { flavor: "short" }),
    ];
    await inState(alice, ended.name, "running");
    await alice("DELETE", `/v1/jobs/${ended.name}`);
    await bed.restart();
    expect((await alice("GET", "/v1/jobs")).body.jobs).toMatchObject([{ id: ended.id, state: "deleted" }]);
    await inState(bob, waiting[0]?.name ?? "", "running");
    expect((await bed.as("carol")("GET", "/v1/jobs")).body.jobs).toMatchObject([{ position: 1 }]);
    const next = await submit(alice, { flavor: "short" });
    expect(next.position).toBe(2);
  });

  test("a job that was accepted and whose container vanished meanwhile is not lost", async () => {
    const { name, id } = await submit(alice);
    await inState(alice, name, "running");
    await bed.restart(() => engine.vanish(id));
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ reason: "ContainerRemoved" });
  });

  test("an end that was asked for before is told as such", async () => {
    const { id, name } = await submit(alice);
    await inState(alice, name, "running");
    engine.stubborn = true;
    const cut = alice("DELETE", `/v1/jobs/${name}`).catch(() => undefined);
    await until("it is being stopped", async () => {
      return (await alice("GET", `/v1/jobs/${name}`)).body.message.includes("being stopped");
    });
    await bed.restart(() => engine.finish(id, 143));
    await cut;
    expect((await alice("GET", `/v1/jobs/${name}`)).body).toMatchObject({ reason: "DeletedByUser" });
  });

  test("no secret of an environment is in the journal or the audit", async () => {
    const { name } = await submit(alice, { environment: { TOKEN: "very-secret" } });
    await inState(alice, name, "running");
    await alice("DELETE", `/v1/jobs/${name}`);
    await bed.restart();
    for (const file of ["jobs.jsonl", "audit.jsonl"]) {
      const text = await readFile(join(bed.state, file), "utf8");
      expect(text).toContain(name);
      expect(text).not.toContain("very-secret");
    }
  });
});

test("start, end and refusal are one audit line each, whatever the user wrote", async () => {
  const hostile = 'a\n{"event":"start"}\u2028';
  const { id, name } = await submit(alice, { arguments: ["echo", hostile] });
  await alice("POST", "/v1/jobs", { arguments: [hostile] });
  await alice("POST", "/v1/jobs", { arguments: hostile });
  await alice("POST", "/v1/jobs", "{");
  await alice("POST", "/v1/jobs?dryRun=true", { arguments: [] });
  await inState(alice, name, "running");
  engine.finish(id, 0);
  await inState(alice, name, "succeeded");
  await bed.restart();
  const lines = (await readFile(join(bed.state, "audit.jsonl"), "utf8")).trimEnd().split(/[\n\u2028]/);
  const entries = lines.map((line) => JSON.parse(line)).sort((a, b) => a.event.localeCompare(b.event));
  expect(entries).toMatchObject([
    { event: "end", user: "alice", exitCode: 0, command: ["echo", hostile], datasets: [], flavor: "no-gpu" },
    { event: "refusal", user: "alice", code: "USER_LIMIT", command: [hostile] },
    { event: "refusal", user: "alice", code: "INVALID_REQUEST" },
    { event: "refusal", user: "alice", code: "INVALID_REQUEST" },
    { event: "start", user: "alice", image: "ubuntu-python:latest", startedAt: expect.any(String) },
  ]);
});

test("the operator sees slots, clamps, who waits and metrics", async () => {
  await submit(alice);
  const { body } = await bed.asOperator("GET", "/v1/status");
  expect(body.flavors[0]).toMatchObject({
    name: "no-gpu",
    promisedMemoryBytes: 64e9,
    memoryBytes: 20e9,
  });
  expect(body.jobs).toMatchObject([{ owner: "alice", flavor: "no-gpu" }]);
  expect(body.users).toMatchObject([{ name: "alice", socket: true }, { name: "bob" }, { name: "carol" }]);
  const metrics = (await bed.asOperator("GET", "/metrics")).text;
  expect(metrics).toMatch(/jobman_jobs\{state="\w+",flavor="no-gpu"\} 1/);
  expect(metrics).not.toContain("alice");
});

test("the OpenAPI document has every route", async () => {
  const { body } = await alice("GET", "/v1/openapi.json");
  expect(Object.keys(body.paths)).toEqual([
    "/v1/jobs",
    "/v1/jobs/{name}",
    "/v1/jobs/{name}/watch",
    "/v1/jobs/{name}/log",
    "/v1/queue",
    "/v1/resources-flavors",
    "/v1/images",
    "/v1/images/{name}",
  ]);
});
