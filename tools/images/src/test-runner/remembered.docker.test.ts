import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { TestProject } from "../testing/project.ts";
import { makeSmallFamily } from "../testing/small-family.ts";

const repository = join(import.meta.dirname, "../../../..");

let docker: DockerConnection;
let project: TestProject;

beforeAll(async () => {
  docker = await connectDocker();
});

beforeEach(() => {
  project = makeSmallFamily();
  for (const file of ["vitest.config.ts", "scripts/test-parts/results-reporter.ts"]) {
    cpSync(join(repository, file), join(project.root, file));
  }
  for (const name of ["a", "b", "c"]) writeTest(name, "passes");
  vi.stubEnv("XDG_CACHE_HOME", join(project.root, "cache"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await project.remove(docker);
});

function writeTest(layer: string, outcome: "passes" | "fails"): void {
  const body = outcome === "passes" ? "" : 'throw new Error("it fails");';
  project.write(
    `images/${layer}/${layer}.test.ts`,
    `import { test } from "vitest";\ntest("${layer}", () => {${body}});\n`,
  );
}

// Each test of an image starts a vitest of its own.
vi.setConfig({ testTimeout: 300_000 });

test("a test that is changed after a build is due, by name, and fails the next build; mended it passes", async () => {
  expect(await project.images("build", "ubuntu-a-b")).toMatchObject({ code: 0 });
  expect((await project.images("plan", "ubuntu-a-b")).stdout).toBe(
    "ubuntu-a: up to date\nubuntu-a-b: up to date\n",
  );
  writeTest("b", "fails");
  expect((await project.images("plan", "ubuntu-a-b")).stdout).toBe(
    "ubuntu-a: up to date\nubuntu-a-b: to test\n    images/b/b.test.ts changed since the tests passed\n",
  );
  const failed = await project.images("build", "ubuntu-a-b");
  expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining("it fails")]);
  expect((await project.images("plan", "ubuntu-a-b")).stdout).toContain("ubuntu-a-b: to test");
  writeTest("b", "passes");
  const mended = await project.images("build", "ubuntu-a-b");
  expect([mended.code, mended.stderr]).toEqual([0, expect.stringContaining("everything is up to date")]);
});

test("what passed is known in a fresh clone on the same engine, and without the account's memory too", async () => {
  await project.images("build", "ubuntu-a");
  for (const forgotten of [".local", "cache"]) {
    rmSync(join(project.root, forgotten), { recursive: true, force: true });
    expect((await project.images("plan", "ubuntu-a")).stdout).toBe("ubuntu-a: up to date\n");
  }
  const { stderr } = await project.images("test", "ubuntu-a");
  expect(stderr).toContain("passed these tests before");
});

test("one layer's tests run alone, and no tag moves", async () => {
  await project.images("build", "--no-test", "ubuntu-a-b");
  writeTest("a", "fails");
  const { code, stdout } = await project.images("test", "ubuntu-a-b", "--layer", "b", "--json");
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { images: [{ state: "passed", passed: 1 }] }]);
  expect(await inspectImage(docker, `${project.prefix}ubuntu-a-b:latest`)).toBeUndefined();
  const unknown = await project.images("test", "ubuntu-a-b", "--layer", "z");
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining("its layers: a, b")]);
});

test("a dry run tells a program what would be tested, as the plan does, and nothing is built", async () => {
  const { code, stdout } = await project.images("test", "ubuntu-a", "--dry-run", "--json");
  expect([code, stdout]).toEqual([0, (await project.images("plan", "ubuntu-a", "--json")).stdout]);
});
