import { randomBytes } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Reporter } from "@workstation/cli";
import { connectDocker } from "@workstation/docker";
import { execa } from "execa";
import { sweepTestRun } from "./sweep.ts";
import { testsHash } from "./tests-hash.ts";

/** An image that is on this machine, and the layers whose tests it must pass: its own and all below it. */
export interface ImageToTest {
  readonly reference: string;
  readonly key: string;
  readonly layers: readonly string[];
}

/** How the tests of one image went. */
export interface TestOutcome {
  /** `remembered`: this content passed these same tests before, so that they were not run again. */
  readonly state: "passed" | "failed" | "remembered";
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly seconds: number;
}

/** Where and how tests are run. */
export interface TestSettings {
  readonly root: string;
  /** The folder of what this machine remembers. */
  readonly local: string;
  /** Run them again, whatever is remembered. */
  readonly all: boolean;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Runs the tests of every layer of an image, and the rules that every image obeys, against that image. What has passed
 * is remembered by the image's key and the content of the tests. A failure is an outcome; it does not throw.
 */
export async function testImage(image: ImageToTest, settings: TestSettings): Promise<TestOutcome> {
  const memory = memoryFile(image, settings);
  if (!settings.all && existsSync(memory)) {
    return { ...(JSON.parse(readFileSync(memory, "utf8")) as TestOutcome), state: "remembered" };
  }
  const outcome = await runTests(image, settings);
  if (outcome.state === "passed") {
    mkdirSync(dirname(memory), { recursive: true });
    writeFileSync(memory, `${JSON.stringify(outcome)}\n`);
  }
  return outcome;
}

/** One line of `WORKSTATION_TEST_RESULTS`: what became of one test. */
interface TestLine {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  readonly reason: string;
}

function memoryFile(image: ImageToTest, { root, local }: TestSettings): string {
  const tests = testsHash(root, image.layers);
  return join(local, "passed-tests", `${image.key.slice(0, 24)}-${tests.slice(0, 24)}.json`);
}

async function runTests(image: ImageToTest, settings: TestSettings): Promise<TestOutcome> {
  const file = join(settings.local, `image-tests-${process.pid}-${image.key.slice(0, 12)}.jsonl`);
  mkdirSync(settings.local, { recursive: true });
  const started = performance.now();
  try {
    const { exitCode, all } = await runVitest(image, settings, file);
    const lines = existsSync(file) ? readLines(file) : [];
    const failed = Math.max(lines.filter((line) => line.state === "failed").length, exitCode === 0 ? 0 : 1);
    if (failed > 0) settings.reporter.info(all);
    return {
      state: failed === 0 ? "passed" : "failed",
      passed: lines.filter((line) => line.state === "passed").length,
      failed,
      skipped: lines.filter((line) => line.state === "skipped").map(({ name, reason }) => ({ name, reason })),
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    handOnResults(file);
    rmSync(file, { force: true });
  }
}

async function runVitest(image: ImageToTest, settings: TestSettings, results: string) {
  const vitest = join(settings.root, "node_modules/vitest/vitest.mjs");
  const run = `images-test-${randomBytes(4).toString("hex")}`;
  const filters = [
    ...image.layers.map((layer) => `images/${layer}/`),
    "tools/images/src/image-tests/matrix/",
  ];
  const running = execa(process.execPath, [vitest, "run", "--project", "images", ...filters], {
    cwd: settings.root,
    stdin: "ignore",
    all: true,
    reject: false,
    cancelSignal: settings.signal,
    env: {
      NO_COLOR: "1",
      WORKSTATION_IMAGE: image.reference,
      WORKSTATION_IMAGE_LAYERS: image.layers.join(" "),
      WORKSTATION_TEST_RESULTS: results,
      WORKSTATION_TEST_RUN: run,
    },
  });
  for await (const line of running.iterable({ from: "all" })) {
    if (line.trim() !== "") settings.reporter.progress(line.trim());
  }
  const { exitCode, all } = await running;
  if (settings.signal.aborted) await sweepTestRun(await connectDocker(), run);
  settings.signal.throwIfAborted();
  return { exitCode, all };
}

function readLines(file: string): readonly TestLine[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as TestLine);
}

/** Whoever started this program may gather results too. */
function handOnResults(file: string): void {
  const outer = process.env.WORKSTATION_TEST_RESULTS;
  if (outer !== undefined && existsSync(file)) appendFileSync(outer, readFileSync(file));
}
