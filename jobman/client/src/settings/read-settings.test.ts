import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../testing/captured-io.ts";
import { makeJob } from "../testing/make-job.ts";
import { json, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function settingsFile(content: unknown): Promise<string> {
  const path = join(folder, "settings.json");
  await writeFile(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

async function submitWith(path: string, options: readonly string[] = []) {
  await using scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json({ apiVersion: "v1", job: makeJob(), warnings: [] }));
  const run = await runCommandLine(["-s", path, "submit", ...options, "--", "ls"], scheduler.socket);
  return { ...run, request: scheduler.received[0]?.body };
}

const old = {
  sharedNamespace: "shared",
  job: {
    defaultImage: "ubuntu-python:latest-cuda",
    imagePrefix: null,
    resources: { default: "small-gpu", predefined: [{ name: "small-gpu" }] },
    securityContext: { runAsUser: 1000 },
  },
};

test("default image and flavor are honoured, the rest is named", async () => {
  const run = await submitWith(await settingsFile(old));
  expect(run.request).toMatchObject({ image: "ubuntu-python:latest-cuda", flavor: "small-gpu" });
  expect(run.stderr).toContain(
    "left aside: sharedNamespace, job.resources.predefined, job.securityContext.runAsUser\n",
  );
});

test("an option goes before the settings", async () => {
  const run = await submitWith(await settingsFile(old), ["-i", "mine", "-r", "no-gpu"]);
  expect(run.request).toMatchObject({ image: "mine", flavor: "no-gpu" });
});

test("a template that was never filled in says nothing", async () => {
  const template = { job: { defaultImage: "default", resources: { default: "<one of the flavors>" } } };
  const run = await submitWith(await settingsFile(template));
  expect(run.request).not.toHaveProperty("image");
  expect(run.request).not.toHaveProperty("flavor");
  expect(run.stderr).not.toContain("left aside");
});

test.each([
  ["{", "no JSON"],
  ["[]", "no JSON object"],
])("a file that holds %j is refused by name", async (content, cause) => {
  const path = await settingsFile(content);
  const run = await submitWith(path);
  expect(run).toMatchObject({ exitCode: 2, request: undefined });
  expect(run.stderr).toContain(path);
  expect(run.stderr).toContain(cause);
});

test("a file that is not there is refused by name", async () => {
  const run = await submitWith(join(folder, "none.json"));
  expect(run).toMatchObject({ exitCode: 2, request: undefined });
  expect(run.stderr).toContain("none.json");
});
