import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatStatus } from "./commands/status.ts";
import { createFakeEngine } from "./testing/fake-engine.ts";
import { removeFolder } from "./testing/remove-folder.ts";
import { makeSchedulerFixture, type SchedulerFixture } from "./testing/scheduler-fixture.ts";
import { siteText } from "./testing/site-text.ts";
import { spawnAndWait } from "./testing/spawn-and-wait.ts";

const program = fileURLToPath(new URL("../bin/jobman-scheduler.js", import.meta.url));
let folder: string;
let fixture: SchedulerFixture;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-main-"));
  fixture = await makeSchedulerFixture({ engine: createFakeEngine(Date.now), users: ["alice"] });
});
afterAll(async () => {
  await fixture.dispose();
  removeFolder(folder);
});

const served = (...argv: readonly string[]) => run(...argv, "--state", fixture.state, "--run", fixture.run);
const unserved = (...argv: readonly string[]) =>
  run(...argv, ...["state", "run"].flatMap((place) => placeUnlessNamed(argv, place)));

function placeUnlessNamed(argv: readonly string[], place: string): readonly string[] {
  return argv.includes(`--${place}`) ? [] : [`--${place}`, join(folder, place)];
}

function run(...argv: readonly string[]) {
  return spawnAndWait(process.execPath, [program, ...argv]);
}

// An ordinary account's scheduler serves that account alone.
const isRoot = process.getuid?.() === 0;

test("the version is data, help names every command", async () => {
  expect(await run("--version")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
  const { stdout } = await run("--help");
  for (const name of ["serve", "status", "stop", "user"]) expect(stdout).toContain(`  ${name}`);
});

test("what a user needs on a cluster is printed for kubectl, and nothing is asked of one", async () => {
  const { code, stdout } = await run("user", "manifests", "zoe", "--uid", "20007", "--datasets", "d1");
  expect(code).toBe(0);
  const { kind, items } = JSON.parse(stdout);
  expect(kind).toBe("List");
  expect(items[0]).toMatchObject({ kind: "Namespace", metadata: { name: "user-zoe" } });
  const refused = await run("user", "manifests", "zoe", "--uid", "0");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain('"0" is no id that jobs can run as');
});

test.each([
  [["fly"], 2, /unknown command 'fly'/],
  [["serve"], 2, /--engine/],
  [["serve", "--engine", "abacus"], 2, /"abacus"[\s\S]*engines: docker/],
  [["serve", "--engine", "docker", "--site", "/nowhere.yaml"], 2, /\/nowhere\.yaml/],
  [["serve", "--engine", "docker", "--instance", "A b"], 2, /"A b"/],
  [["serve", "--engine", "docker", "--docker-host", "unix:///nowhere.sock"], 69, /no Docker engine answers/],
  [["serve", "--engine", "docker", "--run", program], 2, /--run "[^"]+" cannot be used: .* is a file/],
  [
    ["serve", "--engine", "docker", "--state", `${program}/x`],
    2,
    /--state "[^"]+" cannot be used: .* is a file/,
  ],
  [["user", "add", "zoe", "--state", program], 2, /--state .* is a file[\s\S]*name a folder/],
  [["serve", "--engine", "docker", "--state", "/proc/x"], 2, /--state "\/proc\/x" cannot be used/],
  [["serve", "--engine", "docker", "--run", "/proc/x"], 2, /--run "\/proc\/x" cannot be used/],
  [["serve", "--engine", "docker", "--state", "/sys/x"], 2, /--state "\/sys\/x" cannot be used/],
  [["status"], 69, /no scheduler answers/],
  [["user", "add", "../x"], 2, /"\.\.\/x"/],
  [["user", "add", "zoe", "--uid", "0"], 2, isRoot ? /jobs never run as one/ : /as root/],
  [["user", "add", "zoe", "--uid", "4294967295"], 2, isRoot ? /past the range/ : /as root/],
  [["user", "add", "zoe", "--uid", "-1"], 2, /"-1"/],
  [["user", "grant", "nobody", "d1"], 2, /no user "nobody"/],
])("%j ends with %i and says what is wrong", async (argv, code, message) => {
  const result = await unserved(...argv);
  expect([result.code, result.stdout]).toEqual([code, ""]);
  expect(result.stderr).toMatch(message);
  expect(result.stderr).not.toMatch(/\n {4}at /);
});

test("an engine that does not know what keeps jobs apart is refused", async () => {
  const answers: Readonly<Record<string, object>> = { "/version": { ApiVersion: "1.40" }, "/info": {} };
  const old = createServer(({ url = "" }, response) => response.end(JSON.stringify(answers[url] ?? {})));
  const socket = join(folder, "old.sock");
  await once(old.listen(socket), "listening");
  const result = await unserved("serve", "--engine", "docker", "--docker-host", `unix://${socket}`);
  old.close();
  expect([result.code, result.stderr]).toEqual([
    69,
    expect.stringMatching(/API 1\.40[\s\S]*20\.10 or newer/),
  ]);
});

test.runIf(isRoot)(
  "a user who is added while the scheduler runs has a socket at once, and grants hold at once",
  async () => {
    const added = await served("user", "add", "zoe", "--json");
    expect(JSON.parse(added.stdout)).toMatchObject({ name: "zoe", datasets: [] });
    const zoe = fixture.as("zoe");
    expect((await zoe("GET", "/v1/jobs")).status).toBe(200);
    const granted = await served("user", "grant", "zoe", "d1,d2");
    expect([granted.stdout, granted.stderr]).toEqual(["d1,d2\n", expect.stringContaining("zoe")]);
    const { body } = await zoe("POST", "/v1/jobs?dryRun=true", { arguments: ["true"] });
    expect(body.warnings).toHaveLength(2);
    expect((await served("user", "list")).stdout).toMatch(/USER +UID +DATASETS\nalice .*\nzoe .*d1,d2\n/);
    expect((await served("user", "revoke", "zoe", "d1")).stdout).toBe("d2\n");
  },
);

test.runIf(isRoot)(
  "the users' commands go by the site file that is served, and by --site before it",
  async () => {
    const floor = (id: number) => siteText.replace(/lowestId: \d+/, `lowestId: ${id}`);
    const { siteFile } = JSON.parse((await served("status", "--json")).stdout);
    const other = join(folder, "other.yaml");
    await Promise.all([writeFile(siteFile, floor(700)), writeFile(other, floor(800))]);
    const add = ["user", "add", "yan", "--uid", "650"];
    expect((await served(...add)).stderr).toContain("below 700");
    expect((await served(...add, "--site", other)).stderr).toContain("below 800");
    expect((await unserved(...add)).stderr).toContain("below 1000");
    await writeFile(siteFile, siteText);
  },
);

test("status shows slots, clamps and who waits, and stop of nothing is no fault", async () => {
  await fixture.as("alice")("POST", "/v1/jobs", { arguments: ["true"], name: "mine" });
  const { code, stdout } = await served("status");
  expect(code).toBe(0);
  expect(stdout).toMatch(/no-gpu +2 +2 +1 +0 +8 +20 GB of 64 GB/);
  expect(stdout).toMatch(/alice +mine +no-gpu/);
  expect(JSON.parse((await served("status", "--json")).stdout)).toMatchObject({
    apiVersion: "v1",
    instance: "test",
  });
  expect((await served("status", "--instance", "other")).code).toBe(69);
  expect(await unserved("stop")).toMatchObject({ code: 0, stderr: "no scheduler runs\n" });
});

test("nothing that was written by others can drive the operator's terminal", () => {
  const text = formatStatus({
    apiVersion: "v1",
    version: "0",
    instance: "main",
    engine: "docker",
    pid: 1,
    startedAt: "2026-01-01T00:00:00.000Z",
    state: "/s",
    run: "/r",
    machine: { cores: 1, memoryBytes: 1, gpus: 0 },
    flavors: [],
    jobs: [],
    endedJobs: 0,
    users: [],
    problems: ["\u001b[2J"],
    faults: [{ at: "2026-01-01T00:00:00.000Z", where: "engine", message: "\u001b]0;x\u0007\nnew line" }],
  });
  expect(text).not.toContain("\u001b");
  expect(text).not.toContain("\u0007");
});
