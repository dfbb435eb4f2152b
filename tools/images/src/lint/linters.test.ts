import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pinnedVersion } from "../locks/tool-environment.ts";
import { type Linter, linters, lintersLock, provideLinter } from "./linters.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workstation-linters-"));
  for (const each of ["cache", "bin"]) mkdirSync(join(folder, each));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A module that no Go finds: what is not on PATH cannot be had. */
const nowhere: Linter = {
  name: "careful",
  version: "1.2.3",
  source: { kind: "go", module: "localhost.invalid/careful" },
};

function putOnPath(says: string): void {
  const file = join(folder, "bin/careful");
  writeFileSync(file, `#!/bin/sh\necho "careful: version ${says}, of today"\n`);
  chmodSync(file, 0o755);
}

const provide = () => provideLinter(nowhere, { cache: join(folder, "cache"), path: join(folder, "bin") });

test("a linter on PATH is used when it is of the pinned version", async () => {
  putOnPath("1.2.3");
  expect(await provide()).toEqual({ ok: true, path: join(folder, "bin/careful") });
});

test.each(["1.2.4", "1.2", "11.2.3"])("one that says %s is not", async (version) => {
  putOnPath(version);
  expect(await provide()).toEqual({
    ok: false,
    reason: expect.stringMatching(/^careful cannot be had here/),
  });
  expect(readdirSync(join(folder, "cache"))).toEqual(["careful-1.2.3"]);
});

test.each(
  Object.values<Linter>(linters).flatMap(({ source }) => (source.kind === "pypi" ? [source.package] : [])),
)("%s is in the lock, with its hashes", (name) => expect(pinnedVersion(lintersLock, name)).toMatch(/^\d/));

test.each(Object.values<Linter>(linters))(
  "$name is had in its pinned version",
  async (linter) => {
    const provision = await provideLinter(linter);
    if (!provision.ok) return expect(provision.reason).not.toBe("");
    const bin = join(provision.path, "..");
    expect(await provideLinter(linter, { cache: join(folder, "cache"), path: bin })).toEqual(provision);
  },
  200_000,
);
