import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { $ } from "zx/core";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of ["bootstrap.mjs", "installed-tree.mjs"]) {
    cpSync(join(import.meta.dirname, file), join(folder, "scripts", file));
  }
  writeFileSync(join(folder, "scripts/check.ts"), 'console.log("it runs");\n');
  writeProject("part", "other");
});

/** A project with packages of its own, so that npm needs no registry. */
function writeProject(...parts: readonly string[]): void {
  for (const name of parts) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
  }
  const project = { name: "whole", version: "1.0.0", type: "module", workspaces: parts };
  writeFileSync(join(folder, "package.json"), JSON.stringify(project));
}

const npm = (...argv: string[]) => $({ cwd: folder, quiet: true })`npm ${argv} --offline --no-audit`;
const bootstrap = () => $({ cwd: folder, quiet: true })`node scripts/bootstrap.mjs check`;
const installs = /Install the dependencies/;

test("after npm ci nothing is installed a second time", async () => {
  await npm("install", "--package-lock-only");
  await npm("ci");
  const { stdout, stderr } = await bootstrap();
  expect(stdout).toBe("it runs\n");
  expect(stderr).not.toMatch(installs);
});

test("a fresh clone is installed once", async () => {
  await npm("install", "--package-lock-only");
  expect((await bootstrap()).stderr).toMatch(installs);
  expect((await bootstrap()).stderr).not.toMatch(installs);
});

test("when the lock file has a package more, it is installed anew", async () => {
  await npm("install", "--package-lock-only");
  await npm("ci");
  writeProject("part", "other", "third");
  await npm("install", "--package-lock-only");
  expect((await bootstrap()).stderr).toMatch(installs);
  expect((await bootstrap()).stderr).not.toMatch(installs);
});

test("what an aborted installation left is installed again", async () => {
  await npm("install", "--package-lock-only");
  await npm("ci");
  rmSync(join(folder, "node_modules/.package-lock.json"));
  expect((await bootstrap()).stderr).toMatch(installs);
});
