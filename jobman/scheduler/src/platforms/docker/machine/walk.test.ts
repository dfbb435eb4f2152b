import { linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countFolders } from "./walk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jobman-walk-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wide = { bytes: 1e12, files: 1e6, timeLimitMs: 60_000 };

test("a file with several names is counted once, over all folders, and a name may hold anything", async () => {
  for (const each of ["a", "b"]) mkdirSync(join(folder, each));
  writeFileSync(join(folder, "a/one"), Buffer.alloc(100_000, 1));
  linkSync(join(folder, "a/one"), join(folder, "b/9999 two\nend\n7777"));
  const { bytes, files, outcome } = await countFolders([join(folder, "a"), join(folder, "b")], wide);
  expect([files, outcome]).toEqual([3, "whole"]);
  expect(bytes).toBeGreaterThanOrEqual(100_000);
  expect(bytes).toBeLessThan(200_000);
});

test("a walk ends once it is above a limit, with what it counted", async () => {
  for (let index = 0; index < 30_000; index += 1) writeFileSync(join(folder, String(index)), "");
  const { files, outcome } = await countFolders([folder], { ...wide, files: 10 });
  expect(files).toBeGreaterThan(10);
  expect(outcome).not.toBe("whole");
});

test("a walk that has no time tells so", async () => {
  expect((await countFolders([folder], { ...wide, timeLimitMs: 1 })).outcome).toBe("late");
});
