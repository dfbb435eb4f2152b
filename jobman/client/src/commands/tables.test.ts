import { expect, test } from "vitest";
import { parse } from "yaml";
import { runCommandLine } from "../testing/captured-io.ts";
import { makeEndedJob, makeFlavor, makeJob, makeRunningJob } from "../testing/make-job.ts";
import { json, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

process.env.TZ = "UTC";

/** Runs a command against a scheduler that answers one route. */
async function answered(route: string, body: unknown, words: readonly string[]) {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(route, json(body));
  const run = await runCommandLine(words, scheduler.socket);
  return { ...run, requests: scheduler.received.map((request) => `${request.method} ${request.url}`) };
}

const jobs = {
  apiVersion: "v1",
  jobs: [
    makeEndedJob({ name: "a", exitCode: 0 }),
    makeJob({ name: "b", position: 3, command: ["x", "y z"] }),
  ],
};

test("list shows state, place, code and times", async () => {
  const run = await answered("GET /v1/jobs", jobs, ["list"]);
  expect(run.requests).toEqual(["GET /v1/jobs?state=all"]);
  expect(run.stdout).toBe(
    [
      "NAME  STATE      POSITION  EXIT  FLAVOR  IMAGE                 SUBMITTED            RAN",
      "a     succeeded  -         0     no-gpu  ubuntu-python:latest  2026-01-02 10:00:00  00:00:03",
      "b     queued     3         -     no-gpu  ubuntu-python:latest  2026-01-02 10:00:00  -",
      "",
    ].join("\n"),
  );
});

test("list in wide adds reason and command", async () => {
  const run = await answered("GET /v1/jobs", jobs, ["-o", "wide", "list"]);
  expect(run.stdout).toMatch(/^b .*WaitingForSlot .*x 'y z'$/m);
});

const readJson = (text: string): unknown => JSON.parse(text);
const readYaml = (text: string): unknown => parse(text);

test.each([
  [["list", "-o", "json"], readJson],
  [["list", "--json"], readJson],
  [["--output=yaml", "list"], readYaml],
])("%j gives the documented shape", async (words, read) => {
  const run = await answered("GET /v1/jobs", jobs, words);
  expect(read(run.stdout)).toEqual(jobs);
});

test("names alone are one a line, and quiet leaves the headings out", async () => {
  expect((await answered("GET /v1/jobs", jobs, ["list", "-o", "name"])).stdout).toBe("a\nb\n");
  expect((await answered("GET /v1/jobs", jobs, ["list", "-q"])).stdout).toMatch(/^a {2}.*\nb {2}.*\n$/);
});

test.each([
  [["list", "--active"], "GET /v1/jobs?state=active"],
  [["list", "--ended"], "GET /v1/jobs?state=ended"],
])("%j asks for those jobs", async (words, request) => {
  expect((await answered("GET /v1/jobs", jobs, words)).requests).toEqual([request]);
});

test("no jobs is said to a person and is empty for a script", async () => {
  const none = { apiVersion: "v1", jobs: [] };
  expect((await answered("GET /v1/jobs", none, ["list"])).stdout).toBe("no jobs\n");
  expect((await answered("GET /v1/jobs", none, ["list", "-o", "name"])).stdout).toBe("");
});

test("a hostile command cannot drive the terminal from a table", async () => {
  const hostile = makeJob({ command: ["\u001b[2J\nfake  row\u202e"] });
  const run = await answered("GET /v1/jobs", { apiVersion: "v1", jobs: [hostile] }, ["list", "-o", "wide"]);
  expect(run.stdout.split("\n")).toHaveLength(3);
  expect(run.stdout).not.toContain("\u001b");
  expect(run.stdout).not.toContain("\u202e");
});

test("queue shows others without a name", async () => {
  const entry = { flavor: "no-gpu", state: "queued", submittedAt: "2026-01-02T10:00:00.000Z" };
  const queue = [
    { ...entry, position: 1, mine: false },
    { ...entry, position: 2, mine: true, name: "job1" },
  ];
  const run = await answered("GET /v1/queue", { apiVersion: "v1", queue }, ["queue"]);
  expect(run.stdout).toMatch(/^no-gpu {2}1 +queued {2}- /m);
  expect(run.stdout).toMatch(/^no-gpu {2}2 +queued {2}job1 /m);
});

test("resources-flavors shows what is here beside what the site promised, and why", async () => {
  const gpu = { model: "NVIDIA A30", memoryBytes: 6e9 };
  const flavors = [
    makeFlavor({ cores: 2, memoryBytes: 16e9 }),
    makeFlavor({ name: "small-gpu", usableSlots: 0, gpu, isDefault: false, note: "no GPU on this machine" }),
  ];
  const run = await answered("GET /v1/resources-flavors", { apiVersion: "v1", flavors }, [
    "resources-flavors",
  ]);
  expect(run.stdout).toMatch(/^no-gpu \(default\) +4 +0 +0 +2 of 8 +16 GB of 64 GB +- +8 h$/m);
  expect(run.stdout).toMatch(/^small-gpu +0 of 4 .* NVIDIA A30 6 GB +8 h +no GPU on this machine$/m);
});

const image = { name: "ubuntu-python", tags: ["latest", "1.0"], sizeBytes: 4e8, isDefault: true };

test("images shows names and tags", async () => {
  const body = { apiVersion: "v1", images: [image] };
  expect((await answered("GET /v1/images", body, ["images"])).stdout).toMatch(
    /^ubuntu-python \(default\) {2}latest, 1\.0 {2}400 MB$/m,
  );
  const names = await answered("GET /v1/images", body, ["IMAGES", "-o", "name"]);
  expect(names.stdout).toBe("ubuntu-python:latest\nubuntu-python:1.0\n");
});

test.each([
  [["-i", "ubuntu-python"], "ubuntu-python", ""],
  [["ubuntu-python:1.0"], "ubuntu-python", "?tag=1.0"],
  [["hub:5000/a/b:c"], "hub%3A5000%2Fa%2Fb", "?tag=c"],
])("image-details %j shows facts and README", async (words, path, query) => {
  const body = { apiVersion: "v1", image, readme: "# Title\n\nText \u001b[2J", labels: {} };
  const run = await answered(`GET /v1/images/${path}`, body, ["image-details", ...words]);
  expect(run.requests).toEqual([`GET /v1/images/${path}${query}`]);
  expect(run.stdout).toMatch(/^name: +ubuntu-python\n[^#]*\n# Title\n\nText \\u001b\[2J\n$/);
});

test("details shows all that is known, and wraps it with its version for scripts", async () => {
  const job = makeRunningJob({ datasets: ["d1", "d2"], annotations: { project: "lung" } });
  const text = await answered("GET /v1/jobs/job1", job, ["details", "-j", "job1"]);
  expect(text.stdout).toMatch(/^state: +running \(Running\)$/m);
  expect(text.stdout).toMatch(/^datasets: +d1, d2$/m);
  expect(text.stdout).toMatch(/^annotations: +project=lung$/m);
  const data = await answered("GET /v1/jobs/job1", job, ["details", "job1", "--json"]);
  expect(JSON.parse(data.stdout)).toEqual({ apiVersion: "v1", job });
});

test("a name goes into one part of the path, whatever it holds", async () => {
  const run = await answered("GET /v1/jobs/..%2F..%2Fx%3Fy", makeJob(), ["details", "../../x?y"]);
  expect(run.exitCode).toBe(0);
});

test("notes on a job stand in list, in a column that comes with them, and in details", async () => {
  const noted = makeEndedJob({ notes: ["init.sh failed: exit code 3"] });
  const two = { apiVersion: "v1", jobs: [noted, makeEndedJob({ name: "job2" })] };
  const list = await answered("GET /v1/jobs", two, ["list"]);
  expect(list.stdout).toMatch(/ NOTE\n.* init\.sh failed: exit code 3\n.* -\n$/);
  const without = await answered("GET /v1/jobs", { ...two, jobs: [makeEndedJob()] }, ["list"]);
  expect(without.stdout).not.toContain("NOTE");
  const details = await answered("GET /v1/jobs/job1", noted, ["details", "job1"]);
  expect(details.stdout).toMatch(/^note: +init\.sh failed: exit code 3$/m);
});

test("delete takes a name or --all", async () => {
  const one = await answered("DELETE /v1/jobs/job1", makeJob({ state: "deleted" }), ["delete", "-j", "job1"]);
  expect(one).toMatchObject({ exitCode: 0, stdout: "job1\n" });
  const all = await answered("DELETE /v1/jobs", jobs, ["delete", "--all", "-o", "json"]);
  expect(JSON.parse(all.stdout)).toEqual(jobs);
});

test.each([
  [["delete"], "needs a job's name or --all"],
  [["delete", "--all", "job1"], '"job1" and --all contradict'],
  [["delete", "-j", "a", "b"], '"a" and "b"'],
  [["details"], "needs the job"],
  [["logs"], "needs the job"],
  [["image-details"], "needs the image"],
  [["list", "--active", "--ended"], "contradict"],
  [["list", "--json", "-o", "yaml"], "contradict"],
  [["queue", "now"], '"now"'],
])("%j is wrong usage and sends nothing", async (words, cause) => {
  const run = await answered("GET /v1/nothing", {}, words);
  expect(run).toMatchObject({ exitCode: 2, stdout: "", requests: [] });
  expect(run.stderr).toContain(cause);
});
