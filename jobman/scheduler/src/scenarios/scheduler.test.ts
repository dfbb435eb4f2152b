import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Ask } from "../testing/scheduler-fixture.ts";
import { schedulerTest } from "../testing/scheduler-test.ts";
import { inState, submit } from "../testing/steps.ts";
import { until } from "../testing/until.ts";

const test = schedulerTest();

test("start, end and refusal are one audit line each, whatever the user wrote", async ({
  engine,
  fixture,
  alice,
}) => {
  const hostile = 'a\n{"event":"start"}\u2028';
  const { id, name } = await submit(alice, { arguments: ["echo", hostile] });
  await alice("POST", "/v1/jobs", { arguments: [hostile] });
  await alice("POST", "/v1/jobs", { arguments: hostile });
  await alice("POST", "/v1/jobs", "{");
  await alice("POST", "/v1/jobs?dryRun=true", { arguments: [] });
  await inState(alice, name, "running");
  engine.finish(id, 0);
  await inState(alice, name, "succeeded");
  await fixture.restart();
  const lines = (await readFile(join(fixture.state, "audit.jsonl"), "utf8")).trimEnd().split(/[\n\u2028]/);
  const entries = lines.map((line) => JSON.parse(line)).sort((a, b) => a.event.localeCompare(b.event));
  expect(entries).toMatchObject([
    { event: "end", user: "alice", exitCode: 0, command: ["echo", hostile], datasets: [], flavor: "no-gpu" },
    { event: "refusal", user: "alice", code: "USER_LIMIT", command: [hostile] },
    { event: "refusal", user: "alice", code: "INVALID_REQUEST" },
    { event: "refusal", user: "alice", code: "INVALID_REQUEST" },
    { event: "start", user: "alice", image: "ubuntu-python:latest", startedAt: expect.any(String) },
  ]);
});

test("the operator sees slots, clamps, who waits and metrics", async ({ fixture, alice }) => {
  await submit(alice);
  const { body } = await fixture.asOperator("GET", "/v1/status");
  expect(body.flavors[0]).toMatchObject({
    name: "no-gpu",
    promisedMemoryBytes: 64e9,
    memoryBytes: 20e9,
  });
  expect(body.jobs).toMatchObject([{ owner: "alice", flavor: "no-gpu" }]);
  expect(body.users).toMatchObject([{ name: "alice", socket: true }, { name: "bob" }, { name: "carol" }]);
  const metrics = (await fixture.asOperator("GET", "/metrics")).text;
  expect(metrics).toMatch(/jobman_jobs\{state="\w+",flavor="no-gpu"\} 1/);
  expect(metrics).not.toContain("alice");
});

test("the OpenAPI document has every route", async ({ alice }) => {
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
  const lineOf = (path: string) =>
    body.paths[path].get.responses["200"].content["application/x-ndjson"].schema;
  expect(lineOf("/v1/jobs/{name}/watch").properties).toHaveProperty("state");
  const pieces: readonly { readonly properties: object }[] = lineOf("/v1/jobs/{name}/log").anyOf;
  const what = pieces.map(({ properties }) => Object.keys(properties).filter((key) => key !== "stream"));
  expect(what).toEqual(["data", "base64", "gone"].map((own) => ["time", "cursor", own]));
});

test("sockets whose folders were removed come back without a restart, the operator's too", async ({
  fixture,
  alice,
}) => {
  for (const folder of ["admin", "users", "staging"])
    await rm(join(fixture.run, folder), { recursive: true });
  const reached = async (ask: Ask, path: string) => (await ask("GET", path).catch(() => undefined))?.status;
  await until(
    "the operator is answered",
    async () => (await reached(fixture.asOperator, "/v1/status")) === 200,
  );
  await until("the user is answered", async () => (await reached(alice, "/v1/jobs")) === 200);
});

test("what an earlier process left in staging is gone after a start", async ({ fixture }) => {
  await fixture.restart(async () => {
    await mkdir(join(fixture.run, "staging", "folder"));
    await writeFile(join(fixture.run, "staging", "1-1.sock"), "");
  });
  expect(await readdir(join(fixture.run, "staging"))).toEqual([]);
});
