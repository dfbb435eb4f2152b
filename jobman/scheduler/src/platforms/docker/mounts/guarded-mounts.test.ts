import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { removeFolder } from "../../../testing/remove-folder.ts";
import { findUnguarded, guardFolders } from "./guarded-mounts.ts";
import { mountOf, parseMounts } from "./mount-table.ts";

const mayMount = process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "true"]).status === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jobman-mounts-"));
});
afterEach(() => removeFolder(folder));

describe.runIf(mayMount)("as a root that may mount", () => {
  test("a folder and what is mounted below it lose setuid and devices, and keep their other options", async () => {
    const home = join(folder, "home of ann");
    mkdirSync(home);
    execFileSync("mount", ["-t", "tmpfs", "-o", "noexec", "tmpfs", home]);
    mkdirSync(join(home, "kept"));
    expect(await findUnguarded([folder])).toEqual([folder]);
    expect(await guardFolders([folder])).toEqual([]);
    expect(optionsOf(folder)).toEqual(expect.arrayContaining(["nosuid", "nodev"]));
    expect(optionsOf(join(home, "kept"))).toEqual(
      expect.arrayContaining(["nosuid", "nodev", "noexec", "rw"]),
    );
    expect(await findUnguarded([folder])).toEqual([]);
  });

  test("a second time mounts nothing more", async () => {
    await guardFolders([folder]);
    const before = mountTable();
    expect(await guardFolders([folder])).toEqual([]);
    expect(mountTable()).toEqual(before);
  });
});

test("a folder that cannot be guarded is named, with what its mount needs", async () => {
  const missing = join(folder, "missing");
  const [problem, ...more] = await guardFolders([missing]);
  expect([problem, more]).toEqual([
    expect.stringMatching(/missing is not mounted nosuid,nodev.*mount it/),
    [],
  ]);
});

const mountTable = () =>
  parseMounts(readFileSync("/proc/self/mountinfo", "utf8")).filter((each) => each.point.startsWith(folder));
const optionsOf = (path: string) =>
  mountOf(parseMounts(readFileSync("/proc/self/mountinfo", "utf8")), path)?.options;
