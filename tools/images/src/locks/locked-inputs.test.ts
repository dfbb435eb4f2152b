import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { lockState, rememberInputs, requireCurrentLocks } from "./locked-inputs.ts";

const job = {
  lock: "images/a/locks/3.11.lock.txt",
  python: "3.11",
  requirements: ["images/a/requirements.in"],
  inView: ["images/b/requirements.in"],
  below: ["images/below/locks/3.11.lock.txt"],
};

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workstation-locks-"));
  write("images/a/requirements.in", "numpy\n");
  write("images/b/requirements.in", "keras\n");
  write("images/below/locks/3.11.lock.txt", "h5py==1\n");
  write(job.lock, "numpy==2\n");
  rememberInputs(root, [job], [job]);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

test("a lock is current as it was made, and a comment in its requirements changes nothing", () => {
  expect(lockState(root, job)).toBe("current");
  write("images/a/requirements.in", "# why\nnumpy # and this\n");
  expect(lockState(root, job)).toBe("current");
});

test.each([
  ["its requirements", "images/a/requirements.in"],
  ["what stands on it", "images/b/requirements.in"],
  ["a lock below it", "images/below/locks/3.11.lock.txt"],
  ["the lock itself, by hand", job.lock],
])("a change of %s leaves it behind", (_, path) => {
  write(path, "scipy\n");
  expect(lockState(root, job)).toBe("outdated");
  expect(() => requireCurrentLocks(root, [job])).toThrow(
    `${job.lock} was not resolved from these as they are now: images/a/requirements.in`,
  );
});

test("requirements that are gone leave it behind, and a lock that is gone is missing", () => {
  expect(lockState(root, { ...job, requirements: [] })).toBe("outdated");
  rmSync(join(root, job.lock));
  expect(lockState(root, job)).toBe("missing");
});

test("the table forgets locks that the family no longer has, and keeps those that were not made anew", () => {
  const other = { ...job, lock: "images/c/locks/3.11.lock.txt" };
  write(other.lock, "scipy==1\n");
  rememberInputs(root, [other], [job, other]);
  expect([lockState(root, job), lockState(root, other)]).toEqual(["current", "current"]);
  rememberInputs(root, [], [other]);
  expect(Object.keys(JSON.parse(readFileSync(join(root, "images/locks.json"), "utf8")))).toEqual([
    other.lock,
  ]);
});
