import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFakeEngine, type FakeEngine } from "../testing/fake-engine.ts";
import { type Ask, makeSchedulerFixture, type SchedulerFixture } from "../testing/scheduler-fixture.ts";

let engine: FakeEngine;
let fixture: SchedulerFixture;
let alice: Ask;
const log: string[] = [];

beforeAll(async () => {
  engine = createFakeEngine(Date.now);
  fixture = await makeSchedulerFixture({
    engine,
    users: ["alice", "bob"],
    datasets: { alice: ["d1", "d2", "absent"] },
    log: (line) => log.push(line),
  });
  for (const id of ["d1", "d2", "d3"]) await mkdir(join(fixture.state, "datasets", id));
  alice = fixture.as("alice");
});
afterAll(() => fixture.dispose());

const base = { arguments: ["true"] };
const manyBytes = "x".repeat(131_000);

describe("refused with a message that names the wrong value, and nothing is made", () => {
  test.each([
    ["an unknown flavor", { flavor: "huge" }, 400, "UNKNOWN_FLAVOR", /"huge".*no-gpu, short/],
    ["resources as JSON", { flavor: '{"cpu":1}' }, 400, "UNKNOWN_FLAVOR", /by the name of a flavor: no-gpu/],
    ["a desktop's flavor", { flavor: "desktop" }, 400, "UNKNOWN_FLAVOR", /for desktops/],
    ["a flavor without devices", { flavor: "small-gpu" }, 503, "NO_DEVICES", /this is a test/],
    [
      "an unknown image",
      { image: "nothing:latest" },
      400,
      "UNKNOWN_IMAGE",
      /"nothing:latest".*ubuntu-python/,
    ],
    ["an unknown tag", { image: "ubuntu-python:9" }, 400, "UNKNOWN_IMAGE", /tags: latest/],
    ["an image that is not allowed", { image: "foreign:1" }, 403, "NOT_ALLOWED", /foreign:1/],
    ["an image named as an option", { image: "--privileged" }, 400, "UNKNOWN_IMAGE", /--privileged/],
    ["no command", { arguments: [] }, 400, "INVALID_REQUEST", /no command/],
    ["two dashes alone", { arguments: ["--"] }, 400, "INVALID_REQUEST", /no command/],
    ["a name with capitals", { name: "Mine" }, 400, "INVALID_NAME", /"Mine"/],
    ["a name that is a path", { name: "../../etc" }, 400, "INVALID_NAME", /\.\.\/\.\.\/etc/],
    ["a name with a line end", { name: "a\nb" }, 400, "INVALID_NAME", /a\\nb/],
    ["a name that drives a terminal", { name: "a\u001b[2J" }, 400, "INVALID_NAME", /u001b/],
    ["a long name", { name: "a".repeat(64) }, 400, "INVALID_NAME", /aaaa/],
    ["a name of 1 MB", { name: "a".repeat(1e6) }, 400, "INVALID_REQUEST", /name/],
    ["a dataset that is a path", { datasets: ["../users/bob"] }, 400, "INVALID_DATASET", /users\/bob/],
    ["a dataset of two dots", { datasets: [".."] }, 400, "INVALID_DATASET", /"\.\."/],
    ["a dataset with a line end", { datasets: ["d1\nd3"] }, 400, "INVALID_DATASET", /d1/],
    ["a dataset that was not granted", { datasets: ["d3"] }, 403, "DATASET_NOT_GRANTED", /"d3".*d1, d2/],
    ["a dataset that does not exist", { datasets: ["d9"] }, 403, "DATASET_NOT_GRANTED", /"d9"/],
    ["a granted dataset that is not there", { datasets: ["absent"] }, 400, "INVALID_DATASET", /"absent"/],
    ["a zero byte", { arguments: ["a\0b"] }, 400, "INVALID_REQUEST", /argument 1.*zero byte/],
    ["half a character", { arguments: ["echo", "\ud800"] }, 400, "INVALID_REQUEST", /argument 2.*Unicode/],
    ["an argument of 1 MB", { arguments: ["x".repeat(1e6)] }, 400, "INVALID_REQUEST", /arguments/],
    [
      "an argument of many bytes",
      { arguments: ["ü".repeat(70_000)] },
      400,
      "INVALID_REQUEST",
      /140001 bytes/,
    ],
    [
      "too much together",
      { arguments: Array(10).fill(manyBytes) },
      413,
      "REQUEST_TOO_LARGE",
      /1310010 bytes/,
    ],
    ["more than is read", { arguments: Array(20).fill(manyBytes) }, 413, "REQUEST_TOO_LARGE", /2 MiB/],
    ["a variable with =", { environment: { "A=B": "x" } }, 400, "INVALID_REQUEST", /"A=B/],
    [
      "a variable of ours",
      { environment: { WORKSTATION_USER: "root" } },
      400,
      "INVALID_REQUEST",
      /WORKSTATION_USER/,
    ],
    [
      "a variable of the container runtime",
      { environment: { NVIDIA_VISIBLE_DEVICES: "all" } },
      400,
      "INVALID_REQUEST",
      /NVIDIA_VISIBLE_DEVICES.*runtime.*flavor/,
    ],
    [
      "another of its variables",
      { environment: { AMD_VISIBLE_DEVICES: "all" } },
      400,
      "INVALID_REQUEST",
      /AMD_/,
    ],
    ["a variable's zero byte", { environment: { A: "\0" } }, 400, "INVALID_REQUEST", /variable A/],
    [
      "a label of ours",
      { annotations: { "workstation.instance": "x" } },
      400,
      "INVALID_REQUEST",
      /workstation\.instance/,
    ],
    [
      "a label of ours in capitals",
      { annotations: { "Workstation.job.id": "x" } },
      400,
      "INVALID_REQUEST",
      /belongs/,
    ],
    [
      "too many annotations",
      { annotations: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`a${i}`, "x".repeat(2000)])) },
      413,
      "REQUEST_TOO_LARGE",
      /annotations take 18\d{3} bytes/,
    ],
    ["an unknown field", { privileged: true }, 400, "INVALID_REQUEST", /privileged/],
    ["a wrong type", { arguments: "true" }, 400, "INVALID_REQUEST", /arguments/],
  ])("%s", async (_, parts, status, code, message) => {
    const { body, ...answer } = await alice("POST", "/v1/jobs", { ...base, ...parts });
    expect([answer.status, body.code]).toEqual([status, code]);
    expect(`${body.message} ${body.hint}`).toMatch(message);
    expect(answer.text.length).toBeLessThan(2000);
    expect(engine.jobs.size).toBe(0);
  });

  test.each(["very-secret\0", "very-secret\ud800", `very-secret${"ü".repeat(65_528)}`])(
    "a refused variable's value stands neither in the answer nor in the audit (%#)",
    async (value) => {
      const { status, text } = await alice("POST", "/v1/jobs", { ...base, environment: { TOKEN: value } });
      expect([status, text]).toEqual([400, expect.stringContaining("the variable TOKEN")]);
      expect(text).not.toContain("very-secret");
      expect(await readFile(join(fixture.state, "audit.jsonl"), "utf8")).not.toContain("very-secret");
    },
  );

  test("a request that is no JSON tells nothing of what is in it either", async () => {
    const { text } = await alice("POST", "/v1/jobs", '{"environment":{"TOKEN":"a" very-secret"}}');
    expect(text).not.toContain("secret");
    expect(await readFile(join(fixture.state, "audit.jsonl"), "utf8")).not.toContain("secret");
  });

  test("variables that programs alone read are the user's", async () => {
    const environment = { CUDA_VISIBLE_DEVICES: "0", ROCR_VISIBLE_DEVICES: "0", NVIDIA_TF32_OVERRIDE: "0" };
    const { status } = await alice("POST", "/v1/jobs?dryRun=true", { ...base, environment });
    expect(status).toBe(200);
  });

  test.each([
    ["no JSON", "{"],
    ["a half-sent list", '{"arguments":["a"'],
    ["a prototype", '{"arguments":["a"],"__proto__":{"x":1}}'],
  ])("%s", async (_, text) => {
    const { status, body } = await alice("POST", "/v1/jobs", text);
    expect([status, body.code]).toEqual([400, "INVALID_REQUEST"]);
  });

  test.each([
    ["GET", "/v1/jobs/%2e%2e%2fbob", "NO_SUCH_JOB", 404],
    ["GET", `/v1/jobs/${"x".repeat(1500)}`, "NO_SUCH_JOB", 404],
    ["GET", "/v1/jobs/a%0ab", "NO_SUCH_JOB", 404],
    ["GET", "/v1/jobs/%", "INVALID_REQUEST", 400],
    ["GET", "/v2/jobs", "NO_SUCH_ROUTE", 404],
    ["GET", "/v1/status", "NO_SUCH_ROUTE", 404],
    ["GET", "/metrics", "NO_SUCH_ROUTE", 404],
    ["POST", "/v1/stop", "NO_SUCH_ROUTE", 404],
    ["GET", "/v1/images/foreign?tag=1", "NOT_ALLOWED", 403],
    ["GET", "/v1/jobs?state=some", "INVALID_REQUEST", 400],
  ])("%s %s is %s", async (method, path, code, status) => {
    const answer = await alice(method, path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  test("a fault that repeats a stranger's text is one line of the log, and drives no terminal", async () => {
    log.length = 0;
    const hostile = 'no "a\n{"level":60}\u2028\u0085\u001b[2J"';
    engine.failNext("create", new Error(hostile));
    await alice("POST", "/v1/jobs", base);
    expect(log.map((line) => JSON.parse(line).fault)).toMatchObject([{ where: "engine", message: hostile }]);
    expect(log.join("")).toMatch(/^[\x20-\x7e]+\n$/);
  });
});

test("what is granted and there is mounted; what is granted and missing is a warning", async () => {
  const { body } = await alice("POST", "/v1/jobs", {
    ...base,
    environment: { A: "1" },
    annotations: { note: "x" },
  });
  expect(body.job.datasets).toEqual(["d1", "d2"]);
  expect(body.warnings).toEqual(["the dataset absent, which you were granted, is not on this machine"]);
  expect(engine.jobs.get(body.job.id)?.spec).toMatchObject({ annotations: { note: "x" } });
  expect(engine.environments.get(body.job.id)).toEqual({ A: "1" });
  await alice("DELETE", "/v1/jobs");
});

test("every byte of every argument arrives at the engine", async () => {
  const argv = ["printf", "%s", "", " ", "\n", "'\"$(x)`", "\\", "ü😀\u2028", "--", "-c", "\u0001"];
  const { body } = await alice("POST", "/v1/jobs", { arguments: argv });
  expect(engine.jobs.get(body.job.id)?.spec.arguments).toEqual(argv);
  await alice("DELETE", "/v1/jobs");
});

test("a job that the engine cannot make leaves nothing behind", async () => {
  engine.failNext("create", new Error("no space"));
  const { status, body } = await fixture.as("bob")("POST", "/v1/jobs", base);
  expect([status, body.code]).toEqual([503, "ENGINE_UNAVAILABLE"]);
  expect((await fixture.as("bob")("GET", "/v1/jobs")).body.jobs).toEqual([]);
  expect((await fixture.as("bob")("POST", "/v1/jobs", base)).status).toBe(201);
});

test("what only the operator can mend says so to the user, and its way out to the operator", async () => {
  const advice = { hint: "widen network.pool in site.yaml" };
  engine.failNext("create", new UserError("NETWORK_POOL_FULL", "the pool 10.9.0.0/24 is used up", advice));
  const { status, body, text } = await alice("POST", "/v1/jobs", { arguments: ["true"] });
  expect([status, body.code]).toEqual([503, "OPERATOR_NEEDED"]);
  expect(text).not.toMatch(/10\.9|site\.yaml/);
  const { faults } = (await fixture.asOperator("GET", "/v1/status")).body;
  expect(faults.at(-1)).toMatchObject({
    where: "NETWORK_POOL_FULL",
    message: expect.stringContaining("widen network.pool"),
  });
});
