import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, type DockerConnection, inspectImage, removeImage } from "@workstation/docker";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildFamily, type ImageTester } from "../builder/build-family.ts";
import { readPlan } from "../plan/read-plan.ts";
import { listReferrers } from "../registry/referrers.ts";
import { findManifest, type Registry } from "../registry/registry.ts";
import { type FaultyLine, openFaultyLine } from "../testing/faulty-line.ts";
import type { TestProject } from "../testing/project.ts";
import { startRegistry, type TestRegistry } from "../testing/registry.ts";
import { makeSmallFamily } from "../testing/small-family.ts";

let docker: DockerConnection;
let server: TestRegistry;
let line: FaultyLine;
let registry: Registry;
let project: TestProject;
let home: string;
const batch = `batch-${randomBytes(4).toString("hex")}`;

// One family for all tests, because its base is large; each test changes what it needs, on top of what is published.
beforeAll(async () => {
  docker = await connectDocker();
  server = await startRegistry(docker);
  line = await openFaultyLine(server.host);
  registry = server.open();
  project = projectFor();
  home = mkdtempSync(join(tmpdir(), "workstation-publisher-"));
  vi.stubEnv("XDG_CONFIG_HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", join(home, "cache"));
  trustRegistry(true);
  logInWith(server.credentials.password);
  await build();
});

afterAll(async () => {
  vi.unstubAllEnvs();
  registry.close();
  await line.close();
  await project.remove(docker);
  await server.remove();
  rmSync(home, { recursive: true });
});

/** A small family that is published over the line, over the line that a test can cut. */
function projectFor(): TestProject {
  const made = makeSmallFamily();
  const site = readFileSync(join(made.root, "site.yaml"), "utf8");
  const text = site
    .replace("host: null", `host: "${line.host}"`)
    .replace("batch: workstation-batch", `batch: ${batch}`);
  made.write("site.yaml", text);
  made.write("images/a/README.md", "# About a\n");
  return made;
}

function trustRegistry(trusted: boolean): void {
  const folder = join(home, "docker/certs.d", line.host);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (trusted) cpSync(server.authority, join(folder, "ca.crt"));
}

function logInWith(password: string): void {
  const file = join(home, "credentials");
  writeFileSync(file, `${server.credentials.user}:${password}\n`, { mode: 0o600 });
  vi.stubEnv("WORKSTATION_REGISTRY_CREDENTIALS", file);
}

const passes: ImageTester = async () => {};

/** Does what the plan says; the tests of these images always pass. Returns what was due. */
async function build(
  given: { readonly test: ImageTester | undefined } = { test: passes },
): Promise<readonly string[]> {
  const workspace = project.workspace();
  const plan = await readPlan(docker, workspace, { names: [] });
  const due = plan.filter((planned) => planned.state !== "up to date");
  const settings = { machine: {}, signal: workspace.signal, noCache: false };
  await buildFamily(docker, workspace, { plan: due, settings, parallel: 2, ...given });
  return due.map((planned) => planned.state);
}

async function publish(...argv: readonly string[]) {
  const { code, stdout, stderr } = await project.images("publish", "--json", ...argv);
  const images = code === 0 ? (JSON.parse(stdout) as { images: PublishedRow[] }).images : [];
  return { code, stderr, images };
}

interface PublishedRow {
  readonly name: string;
  readonly digest: string;
  readonly moved: readonly string[];
  readonly sentBytes: number;
}

const repository = (name: string): string => `${batch}/debian-${name}`;

async function digestsOf(name: string, tags: readonly string[]): Promise<readonly (string | undefined)[]> {
  const found = await Promise.all(tags.map((tag) => findManifest(registry, repository(name), tag)));
  return found.map((manifest) => manifest?.digest);
}

async function jsonOf(name: string, reference: string) {
  const manifest = await findManifest(registry, repository(name), reference);
  return JSON.parse(manifest?.bytes.toString() ?? "null");
}

const names = ["ubuntu-a", "ubuntu-a-b", "ubuntu-a-c"];

test("without the password or the authority nothing is published, and what to do is said", async () => {
  logInWith("guess");
  expect(await publish("ubuntu-a")).toMatchObject({
    code: 77,
    stderr: expect.stringContaining("docker login"),
  });
  logInWith(server.credentials.password);
  trustRegistry(false);
  expect(await publish("ubuntu-a")).toMatchObject({ code: 69, stderr: expect.stringContaining("certs.d") });
  trustRegistry(true);
  const dry = await project.images("publish", "--dry-run", "ubuntu-a");
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringMatching(/latest: new -> .*ubuntu-a:key-/)]);
  expect(await digestsOf("a", ["latest"])).toEqual([undefined]);
});

test("a family is published with tags, annotations, bill of materials and provenance", async () => {
  const { code, images } = await publish();
  expect([code, images.map((each) => each.name)]).toEqual([0, names]);
  const [a, b] = images;
  expect(a?.moved).toEqual([
    expect.stringMatching(/^key-[0-9a-f]{12}$/),
    expect.stringMatching(/^content-[0-9a-f]{12}$/),
    expect.stringMatching(/^tests-/),
    "latest",
    "0.1.0",
  ]);
  expect(await digestsOf("a", a?.moved ?? [])).toEqual(Array(5).fill(a?.digest));
  expect(b?.sentBytes).toBeLessThan((a?.sentBytes ?? 0) / 100); // the parent's layers are taken from its repository
  expect((await jsonOf("a", "latest")).annotations).toMatchObject({
    "org.opencontainers.image.title": "ubuntu-a",
    "org.opencontainers.image.version": "0.1.0",
    "workstation.image.distribution": "debian-12",
    "org.opencontainers.image.base.name": "workstation-base:debian-12",
  });
  const attached = await listReferrers(registry, repository("a"), a?.digest ?? "");
  expect(attached.map((each) => each.artifactType).toSorted()).toEqual([
    "application/vnd.cyclonedx+json",
    "application/vnd.in-toto+json",
  ]);
  expect(readdirSync(join(home, "cache/workstation-images/publish/layers/bytes"))).toEqual([]);
});

test("what is published is neither sent nor moved again", async () => {
  const { images } = await publish();
  expect(images.map(({ moved, sentBytes }) => [moved, sentBytes])).toEqual(Array(3).fill([[], 0]));
  const dry = await project.images("publish", "--dry-run", "ubuntu-a");
  expect(dry.stdout).toMatch(/it is there\n(.*: stays\n){5}/);
});

test("what is published is pulled by another machine, neither built nor tested, and is the very same image", async () => {
  const latest = () =>
    Promise.all(names.map((name) => inspectImage(docker, `${project.prefix}${name}:latest`)));
  const before = await latest();
  const plan = await readPlan(docker, project.workspace(), { names: [] });
  const tags = plan.flatMap(({ content, proof, references }) => [content, proof, ...references.moving]);
  for (const tag of tags.toReversed()) await removeImage(docker, tag);
  expect(await project.images("test")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("ubuntu-a is not built as its files are now"),
  });
  const calls = vi.spyOn(docker, "buildImage");
  expect(await build({ test: undefined })).toEqual(Array(3).fill("to pull"));
  expect(calls).not.toHaveBeenCalled();
  calls.mockRestore();
  const pulled = await readPlan(docker, project.workspace(), { names: [] });
  expect(pulled.map(({ reasons }) => reasons)).toEqual(
    names.map((name) => [expect.stringContaining(`not yet ${project.prefix}${name}:latest`)]),
  );
  expect(await build()).toEqual(Array(3).fill("to test"));
  expect((await latest()).map((each) => each?.id)).toEqual(before.map((each) => each?.id));
});

test("only what has passed its tests is published, as its files are now", async () => {
  project.write("images/b/file", "changed\n");
  expect(await publish()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("only what has passed its tests is published: ubuntu-a-b (to build)"),
  });
  await build();
});

test("a registry that does not answer is said once, and what it may have is built", async () => {
  project.write("images/c/file", "changed\n");
  line.cutAfter(0);
  const started = Date.now();
  const { stdout, stderr } = await project.images("plan");
  line.cutAfter(null);
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(stdout).toContain("ubuntu-a-c: to build");
  expect(stderr.match(/what is published is not known/g)).toHaveLength(1);
});

test("a line that breaks leaves every tag where it was, and the same command carries on", async () => {
  const tags = ["latest", "0.1.0"];
  const before = await digestsOf("a-b", tags);
  project.write("images/b/setup.sh", "#!/bin/sh\nhead -c 60000000 /dev/urandom >/usr/local/share/large\n");
  await build();
  line.cutAfter(40_000_000);
  const broken = await publish("ubuntu-a-b");
  expect([broken.code, broken.stderr]).toEqual([69, expect.stringContaining("does not answer")]);
  expect(await digestsOf("a-b", tags)).toEqual(before);
  line.cutAfter(null);
  const { images } = await publish("ubuntu-a-b");
  expect(await digestsOf("a-b", tags)).toEqual(Array(2).fill(images[0]?.digest));
  expect(images[0]?.digest).not.toBe(before[0]);
}, 240_000);

test("a new README is published under the same key", async () => {
  const [before] = await digestsOf("a-c", ["latest"]);
  project.write("images/c/README.md", "# More about c\n");
  await build();
  const { images, stderr } = await publish("ubuntu-a-c");
  expect(images[0]?.moved ?? stderr).toContain("latest");
  expect(images[0]?.digest).not.toBe(before);
});

test("two publishers at once leave every tag on one whole image", async () => {
  project.write("images/c/file", "twice\n");
  await build();
  const results = await Promise.all([publish("ubuntu-a-c"), publish("ubuntu-a-c")]);
  expect(results.map(({ code, stderr }) => [code, code === 0 ? "" : stderr])).toEqual(Array(2).fill([0, ""]));
  const key = results.flatMap(({ images }) => images[0]?.moved ?? []).find((tag) => tag.startsWith("key-"));
  const [byKey, latest, version] = await digestsOf("a-c", [key ?? "", "latest", "0.1.0"]);
  expect([latest, version]).toEqual([byKey, byKey]);
  const attached = await listReferrers(registry, repository("a-c"), byKey ?? "");
  expect(new Set(attached.map((each) => each.artifactType)).size).toBe(2);
});

test("a build on a substitute base is not published under the site's distribution", async () => {
  const site = readFileSync(join(project.root, "site.yaml"), "utf8");
  project.write("site.yaml", site.replace("distribution: debian-12", "distribution: ubuntu-22.04"));
  expect(await publish("ubuntu-a")).toMatchObject({
    code: 77,
    stderr: expect.stringContaining("was built on debian-12, because ubuntu-22.04 could not be had"),
  });
});
