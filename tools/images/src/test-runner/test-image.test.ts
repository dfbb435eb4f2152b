import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createReporter } from "@workstation/cli";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Kind } from "../family/variants.ts";
import { type TestOutcome, testImage } from "./test-image.ts";

const repository = join(import.meta.dirname, "../../../..");
// What fails on purpose here must not be counted among the results of the run around it.
delete process.env.WORKSTATION_TEST_RESULTS;

const image = {
  reference: "some/image:tag",
  layers: ["low", "high"],
  variant: "cpu",
  kind: "batch",
} as const;

let root = "";
let said = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workstation-test-image-"));
  said = "";
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "vitest.config.ts", "scripts/test-parts/results-reporter.ts"]) {
    cpSync(join(repository, file), join(root, file));
  }
  writeTest(
    "low/low.test.ts",
    'test("knows its image", () => expect(process.env.WORKSTATION_IMAGE).toBe("some/image:tag"));',
  );
  writeTest("high/high.test.ts", 'test("passes", () => {});');
  writeTest("low/cuda/other.test.ts", 'test("is for another variant", () => expect(1).toBe(2));');
  writeTest("elsewhere/other.test.ts", 'test("is not for this image", () => expect(1).toBe(2));');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeTest(path: string, body: string): void {
  const file = join(root, "images", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { expect, test } from "vitest";\n${body}\n`);
}

function run(only?: readonly string[], kind: Kind = image.kind) {
  const reporter = createReporter({ write: (text) => (said += text) });
  const settings = { root, local: join(root, ".local"), reporter, signal: new AbortController().signal };
  return testImage({ ...image, kind }, { ...settings, ...(only === undefined ? {} : { only }) });
}

const ended = (outcome: TestOutcome) =>
  outcome.results.map(({ name, state }) => `${name.split(" > ").at(-1)}: ${state}`);

// Each run starts a vitest of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

test("an image runs the tests of its own layers and no others", async () => {
  const outcome = await run();
  expect(outcome).toMatchObject({ state: "passed", failed: 0 });
  expect(ended(outcome).toSorted()).toEqual(["knows its image: passed", "passes: passed"]);
});

test("a program of the platform has its own tests, and not the rules for images with a user and a shell", async () => {
  const rules = join(root, "tools/images/src/image-tests/matrix/rules.image-test.ts");
  mkdirSync(dirname(rules), { recursive: true });
  writeFileSync(rules, 'import { test } from "vitest";\ntest("rules", () => {});\n');
  expect(ended(await run()).toSorted()).toEqual([
    "knows its image: passed",
    "passes: passed",
    "rules: passed",
  ]);
  const outcome = await run(undefined, "service");
  expect(ended(outcome).toSorted()).toEqual(["knows its image: passed", "passes: passed"]);
});

test("one layer's tests run alone", async () => {
  expect(ended(await run(["high"]))).toEqual(["passes: passed"]);
});

test("a run that ends well and tells of no test is a failure, and that is said", async () => {
  writeFileSync(join(root, "scripts/test-parts/results-reporter.ts"), "export default class {}\n");
  expect(await run()).toMatchObject({ state: "failed", failed: 1, results: [] });
  expect(said).toContain("no test told of a result");
});

test("a failure is shown", async () => {
  writeTest("high/high.test.ts", 'test("fails", () => expect("what it is").toBe("what it should be"));');
  expect(await run()).toMatchObject({ state: "failed", failed: 1 });
  expect(said).toContain("what it should be");
});

test("a file that cannot be loaded is a failure", async () => {
  writeTest("high/high.test.ts", "throw new Error('broken file');");
  expect(await run()).toMatchObject({ state: "failed", failed: 1 });
  expect(said).toContain("broken file");
});

test("skips are told with their reasons", async () => {
  writeTest("high/high.test.ts", 'test("is skipped", ({ skip }) => skip("there is no moon"));');
  const { results } = await run();
  expect(results).toContainEqual({
    name: expect.stringContaining("is skipped"),
    state: "skipped",
    reason: "there is no moon",
  });
});
