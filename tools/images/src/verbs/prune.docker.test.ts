import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { execa } from "execa";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { TestProject } from "../testing/project.ts";
import { makeSmallFamily } from "../testing/small-family.ts";

let docker: DockerConnection;
let project: TestProject;
let container: string | undefined;

beforeAll(async () => {
  docker = await connectDocker();
});

beforeEach(() => {
  project = makeSmallFamily();
});

afterEach(async () => {
  if (container !== undefined) await execa("docker", ["rm", container]);
  await project.remove(docker);
});

/** Builds without tests; returns the contents, `ubuntu-a` first. */
async function built(): Promise<readonly string[]> {
  const { code, stdout, stderr } = await project.images("build", "--no-test");
  expect(code, stderr).toBe(0);
  return stdout.trim().split("\n");
}

async function prune(...options: readonly string[]) {
  const { code, stdout, stderr } = await project.images("prune", "--json", ...options);
  expect(code, stderr).toBe(0);
  const { contents } = JSON.parse(stdout) as {
    contents: readonly { readonly references: readonly string[] }[];
  };
  return contents.flatMap(({ references }) => references).toSorted();
}

async function present(contents: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(contents.map((each) => inspectImage(docker, each)));
  return contents.filter((_, index) => found[index] !== undefined);
}

test("earlier builds are listed, removed when that is asked for, and what a container or the plan needs stays", async () => {
  const before = await built();
  const [a = "", b = "", c = ""] = before;
  project.write("images/a/file", "changed\n");
  const now = await built();
  const label = `--label=${imageLabels.testRun}=${project.prefix}`;
  container = (await execa("docker", ["create", label, b, "true"])).stdout;

  expect(await prune()).toEqual([]); // younger than an hour
  expect(await prune("--older-than", "0s")).toEqual([c]);
  expect(await present(before)).toEqual(before);
  expect(await prune("--older-than", "0s", "--remove")).toEqual([c]);
  expect(await present([...before, ...now])).toEqual([a, b, ...now]);
});
