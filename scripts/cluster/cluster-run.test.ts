import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clusterPlaces, isOurs, makeRun, serviceAddress } from "./cluster-run.ts";

test("the scheduler's address is one that the cluster gives to nobody by itself", () => {
  expect(serviceAddress({ serviceRange: "10.214.7.128/25" })).toBe("10.214.7.138");
});

test("a folder with something else in it is not taken, so that stop never removes it; one that was taken is known again", () => {
  const folder = mkdtempSync(join(tmpdir(), "workstation-cluster-run-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const foreign = clusterPlaces(folder);
  writeFileSync(join(folder, "thesis.md"), "");
  expect(() => makeRun(foreign)).toThrow("holds something else");
  expect(isOurs(foreign)).toBe(false);
  const own = clusterPlaces(join(folder, "own"));
  makeRun(own);
  expect(isOurs(own)).toBe(true);
  expect(makeRun(own).persistentHome).toContain(join(folder, "own/data/users"));
});
