import { connectDocker, type DockerConnection, listImages } from "@workstation/docker";
import { afterEach, beforeAll, expect, test } from "vitest";
import { makeProject, type TestProject } from "../testing/project.ts";

const family = (packages: string) => `
import { image } from "@workstation/images";
export const family = [image({
  name: "tiny", description: "a package, a file and a script", variants: [],
  apt: { "ubuntu-22.04": [${packages}], "debian-12": [${packages}] }, python: false,
  files: [{ from: "images/tiny/file", to: "/usr/local/share/tiny" }], environment: {}, ports: [],
  assets: [], stages: [], setup: "images/tiny/setup.sh",
})];
`;

let docker: DockerConnection;
let project: TestProject;

beforeAll(async () => {
  docker = await connectDocker();
});

afterEach(() => project.remove(docker));

function makeTinyProject(packages: string, setup: string): TestProject {
  const made = makeProject(family(packages));
  made.write("images/tiny/file", `${made.prefix}\n`);
  made.write("images/tiny/setup.sh", `#!/bin/sh\n${setup}\n`);
  return made;
}

test("two builds of the same inputs without a cache have the same layers, and leave nothing behind", async () => {
  const machineId =
    "mkdir -p /var/lib/dbus && tr -d - </proc/sys/kernel/random/uuid >/var/lib/dbus/machine-id";
  project = makeTinyProject('"less"', `mkdir /opt/tiny && echo tiny >/opt/tiny/made\n${machineId}`);
  const { code, stderr } = await project.images("test", "--reproducible", "ubuntu-tiny");
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/\d layers are the same in both/);
  const left = (await listImages(docker)).flatMap((image) => image.tags);
  expect(left.filter((tag) => tag.startsWith(project.prefix))).toEqual([]);
});

test("files that differ from build to build are named, and the command fails", async () => {
  project = makeTinyProject("", "date +%N >/opt/made\necho same >/opt/same");
  const { code, stdout, stderr } = await project.images("test", "--reproducible", "--json", "ubuntu-tiny");
  expect(code, stderr).toBe(1);
  expect(stderr).toMatch(
    /layer \d+ differs: sha256:[0-9a-f]{64} and sha256:[0-9a-f]{64}\n.* {2}\/opt\/made: content\n/,
  );
  const [image] = JSON.parse(stdout).images;
  expect(image).toMatchObject({ name: "ubuntu-tiny", variant: "cpu" });
  expect(image.differences).toMatchObject([{ files: [{ path: "/opt/made", differs: ["content"] }] }]);
});
