import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLayer } from "../testing/make-layer.ts";
import { annotationsOf } from "./annotations.ts";
import { readSource } from "./build-facts.ts";

let root: string;
const inputs = ["recipe", "asset tool-1.0", "site.yaml", "images/a/rootfs/etc/a", "node_modules/n/node"];
const origin = "https://bob:hunter2@git.example.org/images.git";

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "workstation-source-"));
  for (const path of ["site.yaml", "images/a/rootfs/etc/a", "README.md"]) write(path);
  write(".gitignore", "*.log\nnode_modules/\n");
  write("node_modules/n/node");
  for (const argv of [["init"], ["add", "."], ["commit", "-m", "all"], ["remote", "add", "origin", origin]])
    await git(...argv);
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text = "text\n"): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function git(...argv: readonly string[]) {
  const person = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
  return execa("git", ["-C", root, ...person, ...argv]);
}

test("a clean clone's source is its commit, told without a login", async () => {
  const { stdout } = await git("rev-parse", "HEAD");
  const uri = "git+https://git.example.org/images.git";
  expect(await readSource(root, inputs)).toEqual({ commit: stdout, uri, clean: true, changed: [] });
});

test("a file that is built in and is in no commit makes the source another one, ignored or not", async () => {
  const built = ["images/a/rootfs/etc/b", "images/a/rootfs/etc/c.log"];
  for (const path of ["notes.txt", ...built]) write(path);
  expect(await readSource(root, [...inputs, ...built])).toMatchObject({ clean: false, changed: built });
});

test("so does a file that differs from the commit, staged or not", async () => {
  write("README.md", "other\n");
  write("site.yaml", "other\n");
  await git("add", "site.yaml");
  const changed = ["README.md", "site.yaml"];
  expect(await readSource(root, inputs)).toMatchObject({ clean: false, changed });
});

test.each([
  [true, "c0ffee"],
  [false, undefined],
])("an image names its revision where the sources are clean (%s), and nowhere else", (clean, revision) => {
  const image = { parent: undefined, layer: makeLayer("a") };
  const details = { labels: {}, createdAt: 0 };
  const source = { commit: "c0ffee", clean, uri: "git+https://git.example.org/images.git" };
  const annotations = annotationsOf({ planned: { image }, details } as never, { source, base: "debian" });
  expect(annotations["org.opencontainers.image.revision"]).toBe(revision);
  expect(annotations["org.opencontainers.image.source"]).toBe("https://git.example.org/images.git");
});
