import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Site } from "@workstation/site";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLayer } from "../testing/make-layer.ts";
import { readPassedTests, writePassedTests } from "./passed-tests.ts";
import { changedTests, testSets } from "./test-set.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workstation-test-set-"));
  write("images/low/low.test.ts", "1");
  write("images/low/README.md", "1");
  write("images/low/locks/3.11.lock.txt", "1");
  write("images/high/data/scan.txt", "1");
  write("tools/images/src/image-tests/container.ts", "1");
  write("tools/images/src/image-tests/container.test.ts", "1");
  write("tools/images/src/rfb/vnc-client.ts", "1");
  write("tools/images/src/test-runner/sweep.ts", "1");
  write("tools/docker/src/containers/seccomp-profile.ts", "1");
  write("tools/docker/src/containers/seccomp-profile.docker.test.ts", "1");
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

const site = { containerHome: "/home", registry: { host: null } } as unknown as Partial<Site>;

const set = (...layers: readonly string[]) =>
  testSets({ root, site })({ layers: layers.map((name) => makeLayer(name)), variant: "cpu" });

test("the tests of an image are all files beside the layers, and what they look through; not what runs them or is in the image's key", () => {
  expect(Object.keys(set("low", "high").files).toSorted()).toEqual([
    "images/high/data/scan.txt",
    "images/low/low.test.ts",
    "site.yaml, but for registry and kubernetes,",
    "tools/docker/src/containers/seccomp-profile.ts",
    "tools/images/src/image-tests/container.ts",
    "tools/images/src/rfb/vnc-client.ts",
  ]);
});

test.each([
  ["a weaker profile of containers", () => write("tools/docker/src/containers/seccomp-profile.ts", "2")],
  ["what a layer says that its tests see through", () => write("jobman/scheduler/src/main.ts", "2")],
])("%s has the tests pass again", (_, change) => {
  const layers = [makeLayer("low", { testedThrough: ["jobman/scheduler/src/**/*.ts"] })];
  write("jobman/scheduler/src/main.ts", "1");
  const before = testSets({ root, site })({ layers, variant: "cpu" });
  change();
  expect(testSets({ root, site })({ layers, variant: "cpu" }).tag).not.toBe(before.tag);
});

test("so does another site, and neither another registry nor another cluster", () => {
  const tagOf = (given: object) =>
    testSets({ root, site: { ...site, ...given } })({ layers: [makeLayer("low")], variant: "cpu" }).tag;
  expect(tagOf({ registry: { host: "registry.example.org" } })).toBe(tagOf({}));
  expect(tagOf({ kubernetes: { namespace: "queue" } })).toBe(tagOf({}));
  expect(tagOf({ containerHome: "/home/elsewhere" })).not.toBe(tagOf({}));
});

test("what lies in a folder of another variant's name is no test of this one", () => {
  write("images/low/cuda/gpu.test.ts", "1");
  expect(Object.keys(set("low").files)).not.toContain("images/low/cuda/gpu.test.ts");
  const cuda = testSets({ root, site })({ layers: [makeLayer("low")], variant: "cuda" });
  expect(Object.keys(cuda.files)).toContain("images/low/cuda/gpu.test.ts");
});

test("any change of them gives another tag, and is named", () => {
  const before = set("low", "high");
  write("images/low/low.test.ts", "2");
  write("images/high/more.test.ts", "1");
  rmSync(join(root, "images/high/data/scan.txt"));
  const now = set("low", "high");
  expect(now.tag).not.toBe(before.tag);
  expect(changedTests(before.files, now.files)).toEqual([
    "images/high/data/scan.txt is gone",
    "images/high/more.test.ts is new",
    "images/low/low.test.ts changed since the tests passed",
  ]);
});

test("what a GPU is for has to pass again where a GPU was promised, and the plan can say so; the rest has not", () => {
  const sets = (environment: { readonly REQUIRE_GPU?: string }) => {
    const read = testSets({ root, site }, environment);
    const layers = [makeLayer("low")];
    return { cpu: read({ layers, variant: "cpu" }), cuda: read({ layers, variant: "cuda" }) };
  };
  const [without, promised] = [sets({ REQUIRE_GPU: "0" }), sets({ REQUIRE_GPU: "1" })];
  expect(promised.cpu.tag).toBe(without.cpu.tag);
  expect(promised.cuda.tag).not.toBe(without.cuda.tag);
  expect(changedTests(without.cuda.files, promised.cuda.files)).toEqual([
    "the promise of a GPU (REQUIRE_GPU) is new",
  ]);
});

test("the same files give the same tag in every clone", () => {
  const { tag } = set("low");
  write("images/low/README.md", "2");
  expect(set("low").tag).toBe(tag);
  expect(tag).toMatch(/^tests-[0-9a-f]{12}$/);
});

test("what passed is read back, by image and tag; what cannot be read is forgotten", () => {
  const proof = { imageId: "sha256:0123456789abcdef0123456789abcdef", tag: "tests-1" };
  const passed = {
    files: { a: "1" },
    results: [{ name: "t", state: "passed" as const, reason: "" }],
    seconds: 1,
  };
  writePassedTests(root, proof, passed);
  expect(readPassedTests(root, proof)).toEqual(passed);
  expect(readPassedTests(root, { ...proof, tag: "tests-2" })).toBeUndefined();
  write("passed-tests/0123456789abcdef01234567-tests-1.json", "{");
  expect(readPassedTests(root, proof)).toBeUndefined();
});
