import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeProject, type TestProject } from "./testing/project.ts";

const family = `
import { defineLayer, image } from "@workstation/images";
const layer = (name, more) => defineLayer({ name, description: "the layer " + name, ...more });
const a = layer("a", { files: [{ from: "images/a/hello", to: "/usr/local/bin/hello" }] });
export const family = [image(a), image(a, layer("b"))];
`;

const tinyLayer = `
import { defineLayer } from "@workstation/images";
export const c = defineLayer({ name: "c", description: "tiny" });
`;

let project: TestProject;

beforeEach(() => {
  project = makeProject(family);
  project.write("images/a/hello", "#!/bin/sh\necho hello\n");
});

afterEach(() => project.remove());

test("list shows the family as data", async () => {
  const { code, stdout } = await project.images("list", "--json");
  expect([code, JSON.parse(stdout)]).toEqual([
    0,
    {
      apiVersion: "v1",
      images: [
        {
          name: "ubuntu-a",
          kind: "batch",
          variant: "cpu",
          parent: null,
          tags: [`${project.prefix}ubuntu-a:latest`, `${project.prefix}ubuntu-a:0.1.0`],
          layers: ["a"],
          description: "the layer a",
        },
        expect.objectContaining({ name: "ubuntu-a-b", parent: "ubuntu-a" }),
      ],
    },
  ]);
});

test("generate NAME writes the file of that image alone, and refuses a name that there is not", async () => {
  const only = "images/generated/debian-12/ubuntu-a-b.Dockerfile";
  expect((await project.images("generate", "ubuntu-a-b")).stdout).toBe(`missing: ${only}\n`);
  const wrong = await project.images("generate", "ubuntu-z");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('no image "ubuntu-z"')]);
});

test("lock refuses a layer that has no locks, naming those that have", async () => {
  const { code, stderr } = await project.images("lock", "hallo");
  expect([code, stderr]).toEqual([2, expect.stringContaining('no layer "hallo" that has locks')]);
});

test("lock --dry-run says of what a lock would be made, not that it changed", async () => {
  const locked = makeProject(family.replace('layer("b")', 'layer("b", { python: true })'));
  locked.write("images/b/requirements.in", "numpy\n");
  const { code, stdout } = await locked.images("lock", "--dry-run", "b");
  await locked.remove();
  expect([code, stdout.split("\n")[0]]).toEqual([
    0,
    expect.stringMatching(/^missing: images\/b\/locks\/\S+ from images\/b\/requirements\.in$/),
  ]);
});

test("generate writes the Dockerfiles, and --check says what differs", async () => {
  expect((await project.images("generate", "--check")).code).toBe(1);
  expect((await project.images("generate")).code).toBe(0);
  expect((await project.images("generate", "--check")).code).toBe(0);
  const path = "images/generated/debian-12/ubuntu-a.Dockerfile";
  project.write(path, "FROM scratch\n");
  expect(await project.images("generate", "--check")).toMatchObject({
    code: 1,
    stdout: `changed: ${path}\n`,
  });
});

test("a Dockerfile of an image that is no more is left over, and removed", async () => {
  const path = "images/generated/debian-12/ubuntu-old.Dockerfile";
  project.write(path, "FROM scratch\n");
  expect((await project.images("generate", "--dry-run")).stdout).toContain(`left over: ${path}\n`);
  await project.images("generate");
  expect((await project.images("generate", "--check")).stdout).toBe("");
});

test("docs writes the guide's page and the README's table, and --check says what differs", async () => {
  project.write("README.md", "# It\n\n<!-- generated: images -->\n<!-- end -->\n\nThe rest.\n");
  expect(await project.images("docs", "--check")).toMatchObject({
    code: 1,
    stdout: "missing: docs/guide/images.md\nchanged: README.md\n",
  });
  expect((await project.images("docs")).code).toBe(0);
  expect((await project.images("docs", "--check")).code).toBe(0);
  expect(readFileSync(join(project.root, "README.md"), "utf8")).toBe(
    [
      "# It\n\n<!-- generated: images -->\n| image | what is in it | size |\n| --- | --- | --- |",
      `| \`${project.prefix}ubuntu-a:latest\` | the layer a | not measured |`,
      `| \`${project.prefix}ubuntu-a-b:latest\` | the layer b | not measured |`,
      "<!-- end -->\n\nThe rest.\n",
    ].join("\n"),
  );
});

test("lint --layers names what a layer lacks", async () => {
  const { code, stdout } = await project.images("lint", "--layers");
  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed: layer images\/a\n {4}it has no README\.md.*\n {4}it has no test /);
  for (const layer of ["a", "b"]) {
    project.write(`images/${layer}/README.md`, "# A layer\n");
    project.write(`images/${layer}/some.test.ts`, "");
  }
  expect((await project.images("lint", "--layers")).code).toBe(0);
});

test("adding a layer is one folder and one line of the table", async () => {
  const line = "image(a, c)";
  const grown = makeProject(
    family
      .replace("image(a), ", `image(a), ${line}, `)
      .replace("import {", 'import { c } from "./c/layer.ts";\nimport {'),
  );
  grown.write("images/a/hello", "#!/bin/sh\n");
  grown.write("images/c/layer.ts", tinyLayer);
  try {
    expect((await grown.images("generate")).code).toBe(0);
    expect(
      readFileSync(join(grown.root, "images/generated/debian-12/ubuntu-a-c.Dockerfile"), "utf8"),
    ).toContain(`ARG PARENT=${grown.prefix}ubuntu-a:latest`);
  } finally {
    await grown.remove();
  }
});

test("a file that a layer names in vain is refused by name", async () => {
  const other = makeProject(family);
  const { code, stderr } = await other.images("generate");
  await other.remove();
  expect(code).toBe(2);
  expect(stderr).toContain("error: a layer names images/a/hello, which does not exist");
});

test("an unknown verb and an unknown image are refused with exit code 2", async () => {
  expect((await project.images("frobnicate")).code).toBe(2);
  const { code, stderr } = await project.images("run", "ubuntu-z", "--dry-run");
  expect([code, stderr]).toEqual([2, expect.stringContaining('no image "ubuntu-z"')]);
});

test("datasets without a user are refused, not forgotten", async () => {
  const { code, stderr } = await project.images(
    "run",
    "ubuntu-a",
    "--nobody",
    "--datasets",
    "d1",
    "--dry-run",
  );
  expect([code, stderr]).toEqual([2, expect.stringContaining("--datasets needs a user")]);
});

test("a user that does not exist is not found", async () => {
  const { code, stderr } = await project.images("run", "ubuntu-a", "--user", "../root", "--dry-run");
  expect([code, stderr]).toEqual([3, expect.stringContaining('no user "../root"')]);
});

test("run --dry-run shows the container that would be made, and warns of a port beyond loopback", async () => {
  const words = ["--publish", "0.0.0.0:8888:80", "--dry-run", "--json", "--", "echo", "a b"];
  const run = await project.images("run", "ubuntu-a", ...words);
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({
    apiVersion: "v1",
    container: {
      image: `${project.prefix}ubuntu-a:latest`,
      command: ["echo", "a b"],
      ports: [{ address: "0.0.0.0", hostPort: 8888, containerPort: 80 }],
    },
  });
  expect(run.stderr).toContain("warning: port 80 is opened to other machines (0.0.0.0)");
  expect((await project.images("run", "ubuntu-a", "--dry-run")).stdout).toContain("network: none");
});

test.each([
  [["run"], "which image?"],
  [["run", "ubuntu-a", "--web"], "--web shows desktops"],
  [["run", "ubuntu-a", "--user", "ana", "--nobody"], "--user and --nobody exclude each other"],
  [["run", "ubuntu-a", "--vnc-password-file", "package.json"], "the VNC password in package.json"],
])("%j is refused with what would be right", async (words, message) => {
  expect(await project.images(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});

test.each([
  "list",
  "plan",
  "generate",
  "docs",
  "build",
  "publish",
  "test",
  "lock",
  "lint",
  "size",
  "base",
  "run",
])("%s --help says what it does", async (verb) => {
  const { code, stdout } = await project.images(verb, "--help");
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: images ${verb}`);
});

test("a context that is written twice is the same, and another folder is left alone", async () => {
  const folder = join(project.root, "context");
  const write = () => project.images("generate", "--context", folder, "ubuntu-a");
  await write();
  const first = readFileSync(join(folder, "Dockerfile"), "utf8");
  expect((await write()).code).toBe(0);
  expect(readFileSync(join(folder, "Dockerfile"), "utf8")).toBe(first);
  expect(readFileSync(join(folder, "build/files/root/usr/local/bin/hello"), "utf8")).toContain("echo hello");
  const refused = await project.images("generate", "--context", project.root, "ubuntu-a");
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("holds something else")]);
});

test("a context that cannot be written, and a layer that cannot be read, are the user's to mend", async () => {
  project.write("a-file", "");
  const below = await project.images(
    "generate",
    "--context",
    join(project.root, "a-file/context"),
    "ubuntu-a",
  );
  expect([below.code, below.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: cannot write .*ENOTDIR.*\n {2}make room/),
  ]);
  rmSync(join(project.root, "images/a/hello"));
  symlinkSync("hello", join(project.root, "images/a/hello"));
  const looped = await project.images("generate");
  expect([looped.code, looped.stderr]).toEqual([
    2,
    expect.stringMatching(/^error: cannot read images\/a\/hello: ELOOP/),
  ]);
});
