import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createReporter } from "@workstation/cli";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { testImage } from "./test-image.ts";

const repository = join(import.meta.dirname, "../../../..");
// What fails on purpose here must not be counted among the results of the run around it.
delete process.env.WORKSTATION_TEST_RESULTS;

const image = { reference: "some/image:tag", key: "0123456789abcdef".repeat(4), layers: ["low", "high"] };

let root = "";
let said = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workstation-test-image-"));
  said = "";
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "vitest.config.ts", "scripts/test/results-reporter.ts"]) {
    cpSync(join(repository, file), join(root, file));
  }
  writeTest(
    "low/low.test.ts",
    'test("knows its image", () => expect(process.env.WORKSTATION_IMAGE).toBe("some/image:tag"));',
  );
  writeTest("high/high.test.ts", 'test("passes", () => {});');
  writeTest("elsewhere/other.test.ts", 'test("is not for this image", () => expect(1).toBe(2));');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeTest(path: string, body: string): void {
  const file = join(root, "images", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `import { expect, test } from "vitest";\n${body}\n`);
}

function run(given: { readonly all?: boolean; readonly key?: string } = {}) {
  const reporter = createReporter({ write: (text) => (said += text) });
  const settings = { root, local: join(root, ".local"), reporter, signal: new AbortController().signal };
  return testImage({ ...image, key: given.key ?? image.key }, { ...settings, all: given.all ?? false });
}

// Each run starts a vitest of its own, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

test("an image runs the tests of its own layers and no others; passed, they run again only when asked for", async () => {
  expect(await run()).toMatchObject({ state: "passed", passed: 2, failed: 0, skipped: [] });
  expect(await run()).toMatchObject({ state: "remembered", passed: 2 });
  expect(await run({ all: true })).toMatchObject({ state: "passed", passed: 2 });
});

test("another content of the image, or a changed test, is tested", async () => {
  await run();
  expect(await run({ key: "fedcba9876543210".repeat(4) })).toMatchObject({ state: "passed" });
  writeTest("high/more.test.ts", 'test("one more", () => {});');
  expect(await run()).toMatchObject({ state: "passed", passed: 3 });
});

test("a failure is shown, and is not remembered", async () => {
  writeTest("high/high.test.ts", 'test("fails", () => expect("what it is").toBe("what it should be"));');
  expect(await run()).toMatchObject({ state: "failed", passed: 1, failed: 1 });
  expect(said).toContain("what it should be");
  expect(await run()).toMatchObject({ state: "failed" });
});

test("a file that cannot be loaded is a failure", async () => {
  writeTest("high/high.test.ts", "throw new Error('broken file');");
  expect(await run()).toMatchObject({ state: "failed", failed: 1 });
  expect(said).toContain("broken file");
});

test("skips are counted with their reasons, and whoever gathers results gets them too", async () => {
  writeTest("high/high.test.ts", 'test("is skipped", ({ skip }) => skip("there is no moon"));');
  const outer = join(root, "results.jsonl");
  const before = process.env.WORKSTATION_TEST_RESULTS;
  process.env.WORKSTATION_TEST_RESULTS = outer;
  try {
    const { skipped } = await run();
    expect(skipped).toEqual([{ name: expect.stringContaining("is skipped"), reason: "there is no moon" }]);
  } finally {
    if (before === undefined) delete process.env.WORKSTATION_TEST_RESULTS;
    else process.env.WORKSTATION_TEST_RESULTS = before;
  }
  expect(readFileSync(outer, "utf8").trim().split("\n")).toHaveLength(2);
});
