import { join } from "node:path";
import {
  buildImage,
  connectDocker,
  type DockerConnection,
  inspectImage,
  removeImage,
} from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { readPlan } from "../plan/read-plan.ts";
import { packFolder } from "../testing/pack-folder.ts";
import type { TestProject } from "../testing/project.ts";
import { makeSmallFamily } from "../testing/small-family.ts";
import { buildFamily, type ImageTester } from "./build-family.ts";

const names = ["ubuntu-a", "ubuntu-a-b", "ubuntu-a-c"];
const passes: ImageTester = async () => {};

let docker: DockerConnection;
let project: TestProject;

beforeAll(async () => {
  docker = await connectDocker();
});

beforeEach(() => {
  project = makeSmallFamily();
});

afterEach(() => project.remove(docker));

/** Plans and carries out the plan; returns the plan it began with. */
async function build(given: { readonly test?: ImageTester | undefined; readonly signal?: AbortSignal } = {}) {
  const workspace = project.workspace(given.signal);
  const plan = await readPlan(docker, workspace, { names: [] });
  const due = plan.filter((planned) => planned.state !== "up to date");
  const settings = { machine: {}, signal: workspace.signal, noCache: false };
  const tester = "test" in given ? given.test : passes;
  await buildFamily(docker, workspace, { plan: due, settings, parallel: 2, test: tester });
  return due;
}

async function states() {
  const plan = await readPlan(docker, project.workspace(), { names: [] });
  return plan.map((planned) => [planned.image.name, planned.state, ...planned.reasons]);
}

const latest = (name: string) => inspectImage(docker, `${project.prefix}${name}:latest`);
const upToDate = names.map((name) => [name, "up to date"]);

test("a family is built, parents first, and tagged; then a build with nothing changed asks the engine for none", async () => {
  await build();
  expect(await states()).toEqual(upToDate);
  const [a, b] = await Promise.all([latest("ubuntu-a"), latest("ubuntu-a-b")]);
  expect(b?.diffIds.slice(0, a?.diffIds.length)).toEqual(a?.diffIds);
  expect(b).toMatchObject({
    user: "1000:1000",
    labels: {
      [imageLabels.layers]: "a b",
      [imageLabels.distribution]: "debian-12",
      [imageLabels.needsGpu]: "false",
    },
  });
  const calls = vi.spyOn(docker, "buildImage");
  expect(await build()).toEqual([]);
  expect(calls).not.toHaveBeenCalled();
  calls.mockRestore();
});

test("only what changed is built again, and the plan names the file or the parent", async () => {
  await build();
  project.write("images/b/file", "changed\n");
  expect(await states()).toEqual([
    upToDate[0],
    ["ubuntu-a-b", "to build", "images/b/file changed"],
    upToDate[2],
  ]);
  project.write("images/a/file", "changed\n");
  expect(await states()).toEqual([
    ["ubuntu-a", "to build", "images/a/file changed"],
    ["ubuntu-a-b", "to build", "parent ubuntu-a changed", "images/b/file changed"],
    ["ubuntu-a-c", "to build", "parent ubuntu-a changed"],
  ]);
  await build();
  expect(await states()).toEqual(upToDate);
});

test("a step that fails shows its last output and how to repeat it, and no tag moves", async () => {
  await build();
  const before = await latest("ubuntu-a-b");
  project.write("images/b/setup.sh", "#!/bin/sh\necho it was here\nexit 5\n");
  const failure = await build().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "BUILD_FAILED", message: expect.stringContaining("  it was here") });
  expect(failure).toMatchObject({
    hint: expect.stringContaining(
      "generate --context .local/contexts/ubuntu-a-b ubuntu-a-b && DOCKER_BUILDKIT=1 docker build",
    ),
  });
  expect((await latest("ubuntu-a-b"))?.id).toBe(before?.id);
});

test("build --json tells a program what failed, and how far the others came", async () => {
  project.write("images/b/setup.sh", "#!/bin/sh\nexit 5\n");
  const { code, stdout } = await project.images(
    "build",
    "--no-test",
    "--parallel",
    "1",
    "--json",
    "ubuntu-a-b",
  );
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    apiVersion: "v1",
    images: [
      { name: "ubuntu-a", state: "to test" },
      { name: "ubuntu-a-b", state: "to build" },
    ],
    error: { code: "BUILD_FAILED", message: expect.stringContaining("ubuntu-a-b") },
  });
});

test("build --json answers a program even when it refuses its command line", async () => {
  const { code, stdout } = await project.images("build", "--json", "ubuntu-z");
  expect([code, JSON.parse(stdout)]).toMatchObject([
    2,
    { apiVersion: "v1", images: [], error: { code: "IMAGE_UNKNOWN" } },
  ]);
});

test("what fails its tests keeps its content tag, gets no other, and is only tested the next time", async () => {
  const fails: ImageTester = async ({ image }) => {
    if (image.name === "ubuntu-a-b") throw new Error("a test failed");
  };
  await expect(build({ test: fails })).rejects.toThrow("a test failed");
  expect(await latest("ubuntu-a-b")).toBeUndefined();
  const calls = vi.spyOn(docker, "buildImage");
  await build();
  const contexts = calls.mock.calls.length;
  calls.mockRestore();
  expect(contexts).toBeLessThanOrEqual(1); // ubuntu-a-c, when the failure came before it was begun
  expect(await states()).toEqual(upToDate);
});

test("without tests an image has its content tag alone", async () => {
  await build({ test: undefined });
  expect((await states()).map(([name, state]) => [name, state])).toEqual(
    names.map((name) => [name, "to test"]),
  );
});

test("an older content is dropped when a newer one takes its tags", async () => {
  const [first] = await build();
  project.write("images/a/file", "changed\n");
  await build();
  expect(await inspectImage(docker, first?.content ?? "")).toBeUndefined();
});

test("a stop at any moment leaves whole images or none, and the next build carries on", async () => {
  const seed = Number(process.env.WORKSTATION_TEST_SEED ?? Date.now() % 1_000_000);
  process.stderr.write(`seed of the moments: ${seed} (WORKSTATION_TEST_SEED)\n`);
  const rounds = Number(process.env.WORKSTATION_TEST_STOPS ?? 6);
  for (let round = 0; round < rounds; round += 1) {
    project.write("images/a/setup.sh", `#!/bin/sh\nsleep 0.3\necho ${seed} ${round}\n`);
    const stop = new AbortController();
    const moment = setTimeout(() => stop.abort(new Error("stopped")), pseudoRandom(seed + round) * 4000);
    await build({ signal: stop.signal }).catch((error: Error) => expect(error.message).toBe("stopped"));
    clearTimeout(moment);
    for (const planned of await readPlan(docker, project.workspace(), { names: [] })) {
      const image = await inspectImage(docker, planned.content);
      if (image !== undefined) expect(image.labels[imageLabels.key]).toBe(planned.key);
    }
  }
  await build();
  expect(await states()).toEqual(upToDate);
}, 170_000);

test("the context that is written as a folder is the one that is built", async () => {
  await build();
  const folder = join(project.root, "context");
  await project.images("generate", "--context", folder, "ubuntu-a");
  const tag = `${project.prefix}ubuntu-a:by-hand`;
  const buildArguments = { PARENT: "workstation-base:debian-12" };
  await buildImage(docker, {
    context: packFolder(folder),
    tags: [tag],
    labels: {},
    buildArguments,
    noCache: true,
  });
  const byHand = await inspectImage(docker, tag);
  await removeImage(docker, tag);
  expect(byHand?.diffIds).toEqual((await latest("ubuntu-a"))?.diffIds);
});

/** A number from 0 to 1 that the seed decides (a step of mulberry32). */
function pseudoRandom(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}
