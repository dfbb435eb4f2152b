import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeProject, type TestProject } from "../testing/project.ts";
import { sha256Of } from "./asset-store.ts";

const source = Buffer.from("echo made\n");
const family = `
import { defineLayer, image } from "@workstation/images";
const none = { "ubuntu-22.04": [], "debian-12": [] };
const asset = {
  name: "source", version: "1.0", url: "http://127.0.0.1:2/source", sha256: "${sha256Of(source)}", to: "source.sh",
};
const stage = {
  name: "made", apt: none, script: "images/a/build.sh", assets: [asset],
  produces: [{ from: "made", to: "/usr/local/bin/made", mode: 0o755 }],
};
export const family = [image(defineLayer({ name: "a", description: "tiny", stages: [stage] }))];
`;

let docker: DockerConnection;
let project: TestProject;

beforeEach(async () => {
  docker = await connectDocker();
  project = makeProject(family);
  project.write("images/a/build.sh", "#!/bin/sh\nset -eu\ncp source.sh made\n");
  vi.stubEnv("XDG_CACHE_HOME", join(project.root, "cache"));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await project.remove(docker);
});

async function built() {
  const { code, stdout, stderr } = await project.images("build", "--no-test");
  expect(code, stderr).toBe(0);
  const reference = stdout.trim();
  const run = ["run", "--rm", "--network=none", reference, "sh", "-c", "sh /usr/local/bin/made"];
  const ended = await execa("docker", run, { reject: false });
  return { said: stderr, details: await inspectImage(docker, reference), ended };
}

test("what a stage makes of an asset is missing without it, which the label says; with it, it is there", async () => {
  const without = await built();
  expect(without.said).toContain("source-1.0 cannot be had");
  expect(without.details?.labels[imageLabels.missingAssets]).toBe("source-1.0");
  expect(without.ended.exitCode).not.toBe(0);

  const brought = join(project.root, "brought");
  mkdirSync(brought);
  writeFileSync(join(brought, "another name"), source);
  expect((await project.images("assets", "--add", brought)).code).toBe(0);
  expect((await project.images("plan")).stdout).toContain("asset source-1.0 changed");

  const complete = await built();
  expect(complete.details?.labels[imageLabels.missingAssets]).toBeUndefined();
  expect(complete.ended.stdout).toBe("made");
});
