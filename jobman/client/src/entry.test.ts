import { cp, mkdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthority } from "./testing/authority.ts";
import {
  type BundledJobman,
  bundleJobman,
  machineNode,
  startProcess,
  tree,
} from "./testing/bundled-jobman.ts";
import { makeEndedJob, makeJob, makeLine } from "./testing/make-job.ts";
import { json, ndjson, output, startScriptedScheduler } from "./testing/scripted-scheduler.ts";

let jobman: BundledJobman;
let node: string;
beforeAll(async () => {
  jobman = await bundleJobman();
  node = await machineNode();
}, 120_000);
afterAll(() => jobman[Symbol.asyncDispose]());

const accepted = json({ apiVersion: "v1", job: makeJob(), warnings: [] });

function start(words: readonly string[], socket = "/nonexistent/jobman.sock") {
  return startProcess([node, "--", jobman.entry, ...words], { JOBMAN_SOCKET: socket });
}

test("the bundles hold the project's own sources alone", async () => {
  const record = JSON.parse(await readFile(join(jobman.folder, "dist", "sources.json"), "utf8"));
  const paths: string[] = record.files.map(([path]: [string]) => path);
  const own =
    /^(?:jobman\/client\/(?:src\/|package\.json)|tools\/cli\/src\/|tools\/site\/src\/(?:names|places)\.ts)/;
  expect(paths.filter((path) => !own.test(path))).toEqual([]);
});

test.each([[[]], [["--version"]], [["--help"]]])(
  "%j loads no part of Node that talks to others",
  async (words) => {
    const run = await loadedBy(words);
    expect(run.modules).not.toContain("http");
    expect(run.modules).not.toContain("net");
    expect(run.modules).not.toContain("os");
    expect(run.stdout).toContain("jobman");
  },
);

test("list loads what it needs to ask the scheduler and no more", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs: [] }));
  const run = await loadedBy(["list"], { JOBMAN_SOCKET: scheduler.socket });
  expect(run.stdout).toBe("no jobs\n");
  expect(run.modules).toContain("http");
  for (const costly of ["https", "tls", "child_process", "internal/deps/undici/undici", "os", "readline"]) {
    expect(run.modules).not.toContain(costly);
  }
});

test("list at an address loads TLS for it, and no switch of Node's opens the line to a stranger", async () => {
  await using authority = await createAuthority();
  await using scheduler = await startScriptedScheduler(await authority.certify("127.0.0.1"));
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs: [] }));
  const tokenFile = join(jobman.folder, "token");
  await writeFile(tokenFile, "a.token");
  const environment = {
    JOBMAN_URL: `https://127.0.0.1:${scheduler.port()}`,
    JOBMAN_TOKEN_FILE: tokenFile,
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
  };
  const run = await loadedBy(["list"], { ...environment, JOBMAN_CA_FILE: authority.file });
  expect(run.stdout).toBe("no jobs\n");
  expect(run.modules).toContain("tls");
  for (const costly of ["https", "internal/deps/undici/undici"]) expect(run.modules).not.toContain(costly);
  expect((await loadedBy(["list"], environment)).stdout).toBe("");
  expect(scheduler.received).toHaveLength(1);
});

test("arguments reach the scheduler byte for byte through a real process", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", accepted);
  const hostile = ["", " a\tb ", "a\nb\r\n", "ü€𝕏", "'\"$(x)`*?\\", "--", "-h", "x".repeat(100_000)];
  const run = await start(["submit", "--", ...hostile], scheduler.socket).end;
  expect(run).toMatchObject({ exitCode: 0, stdout: "job1\n" });
  expect(scheduler.received[0]?.body).toMatchObject({ arguments: hostile });
});

test("a missing --env-file is refused by jobman and not by Node", async () => {
  const run = await direct('exec "$1" submit --env-file /nonexistent/file -- ls');
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toMatch(/^error: .*\/nonexistent\/file/);
});

test("an --env-file that is a pipe reaches the job, and its NODE_OPTIONS do not act on jobman", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", accepted);
  const lines = "Z=1\\nNODE_OPTIONS=--no-such-option\\n";
  const run = await direct(`printf '${lines}' | "$1" submit --env-file /dev/stdin -- ls`, scheduler.socket);
  expect(run).toMatchObject({ exitCode: 0, stdout: "job1\n" });
  expect(scheduler.received[0]?.body).toMatchObject({
    environment: { Z: "1", NODE_OPTIONS: "--no-such-option" },
  });
});

test("where stderr goes into the file of stdout, a word of ours stands on its own line", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs/job1/watch", ndjson(makeEndedJob()));
  scheduler.on("GET /v1/jobs/job1/log", output(makeLine(1, "open")));
  const together = await direct('"$1" logs -f job1 2>&1', scheduler.socket);
  expect(together.stdout).toBe("open\nsucceeded after 00:00:03\n");
  const apart = await direct('"$1" logs -f job1', scheduler.socket);
  expect(apart).toMatchObject({ stdout: "open", stderr: "succeeded after 00:00:03\n" });
});

/** Runs a shell script in which `$1` is the command as it is installed, with the machine's Node. */
function direct(script: string, socket = "/nonexistent/jobman.sock") {
  const environment = { JOBMAN_SOCKET: socket, PATH: `${dirname(node)}:${process.env.PATH}` };
  return startProcess(["sh", "-c", script, "sh", jobman.entry], environment).end;
}

test("an argument that is no UTF-8 is refused and not changed", async () => {
  const script = 'exec "$0" "$1" submit -- ls "$(printf "caf\\351")"';
  const run = await startProcess(["sh", "-c", script, node, jobman.entry]).end;
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain("is no UTF-8 text");
});

test("a reader that goes away ends the command quietly", async () => {
  await using scheduler = await startScriptedScheduler();
  const jobs = Array.from({ length: 5_000 }, (_, index) => makeJob({ name: `job-${index}` }));
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs }));
  const run = start(["list", "-o", "json"], scheduler.socket);
  run.child.stdout.once("data", () => run.child.stdout.destroy());
  expect(await run.end).toMatchObject({ exitCode: 0, stderr: "" });
});

test("a large answer arrives whole through a pipe", async () => {
  await using scheduler = await startScriptedScheduler();
  const jobs = Array.from({ length: 5_000 }, (_, index) => makeJob({ name: `job-${index}` }));
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs }));
  const run = await start(["list", "-o", "name"], scheduler.socket).end;
  expect(run.stdout.trim().split("\n")).toHaveLength(5_000);
});

test("Ctrl-C while waiting ends the process with 130", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", accepted);
  scheduler.on("GET /v1/jobs/job1/watch", (response) => response.write(`${JSON.stringify(makeJob())}\n`));
  const run = start(["submit", "--wait", "--", "sleep", "60"], scheduler.socket);
  await run.said("waiting for no-gpu");
  run.child.kill("SIGINT");
  const end = await run.end;
  expect(end).toMatchObject({ exitCode: 130, signal: null, stdout: "" });
  expect(end.stderr).toContain("jobman delete job1");
});

test("a missing scheduler is told with 69", async () => {
  const run = await start(["list"]).end;
  expect(run).toMatchObject({ exitCode: 69, stdout: "" });
  expect(run.stderr).toContain("/nonexistent/jobman.sock");
});

test("output that cannot be written is told with its cause", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs: [] }));
  const script = 'exec "$0" "$1" list > /dev/full';
  const run = await startProcess(["sh", "-c", script, node, jobman.entry], {
    JOBMAN_SOCKET: scheduler.socket,
  }).end;
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/^error: the output cannot be written: .*ENOSPC/);
});

test("in a source tree the bundles follow their sources; elsewhere they are taken as they are", async () => {
  await using copy = await copyTree();
  const version = async () => (await startProcess([process.execPath, copy.entry, "-h"]).end).stdout;
  expect(await version()).toContain("Puts jobs into the queue");
  const made = (await stat(copy.bundle)).mtimeMs;
  expect(await version()).toContain("Puts jobs into the queue");
  expect((await stat(copy.bundle)).mtimeMs).toBe(made);
  await utimes(copy.source, 1, 1);
  expect(await version()).toContain("Puts jobs into the queue");
  expect((await stat(copy.bundle)).mtimeMs).toBe(made);
  await writeFile(copy.source, (await readFile(copy.source, "utf8")).replace("Puts jobs", "Places jobs"));
  expect(await version()).toContain("Places jobs into the queue");
});

test("sources that cannot be bundled leave the old bundle at work, with a warning", async () => {
  await using copy = await copyTree();
  await startProcess([process.execPath, copy.entry, "-v"]).end;
  await writeFile(copy.source, "this is no program");
  const run = await startProcess([process.execPath, copy.entry, "-v"]).end;
  expect(run).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("jobman version") });
  expect(run.stderr).toContain("warning: jobman's sources changed");
});

/** Runs a command and tells which of Node's own modules were loaded at its end. */
async function loadedBy(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = { JOBMAN_SOCKET: "/nonexistent/jobman.sock" },
) {
  const spy = join(jobman.folder, "spy.cjs");
  const report =
    'process.on("exit", () => process._rawDebug("LOADED " + JSON.stringify(process.moduleLoadList)));';
  await writeFile(spy, report);
  const run = await startProcess([node, "--require", spy, jobman.entry, ...words], environment).end;
  const list: string[] = JSON.parse(/^LOADED (.*)$/m.exec(run.stderr)?.[1] ?? "[]");
  return { stdout: run.stdout, modules: list.map((name) => name.replace(/^NativeModule /, "")) };
}

/** A tree of its own with what jobman is made from. */
async function copyTree() {
  const root = join(jobman.folder, `tree-${process.hrtime.bigint()}`);
  const client = join(root, "jobman", "client");
  await mkdir(client, { recursive: true });
  for (const part of ["bin", "src", "package.json"]) {
    await cp(join(tree, "jobman", "client", part), join(client, part), { recursive: true });
  }
  await symlink(join(tree, "node_modules"), join(root, "node_modules"));
  return {
    entry: join(client, "bin", "jobman.js"),
    bundle: join(client, "dist", "jobman.cjs"),
    source: join(client, "src", "help", "help-text.ts"),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}
