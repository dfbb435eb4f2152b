import { randomBytes } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import { connectDocker } from "@workstation/docker";
import { execa } from "execa";
import type { Kind, Variant } from "../family/variants.ts";
import type { ImageTestResult } from "../tested/passed-tests.ts";
import { countsFor } from "../tested/variant-folder.ts";
import { sweepTestRun } from "./sweep.ts";

/** An image that is on this machine, and the layers whose tests it must pass: its own and all below it. */
export interface ImageToTest {
  readonly reference: string;
  readonly layers: readonly string[];
  readonly variant: Variant;
  /** A program of the platform has no shell and no user's home, which the rules for all images look at: it brings its own. */
  readonly kind: Kind;
}

/** How the tests of one image went. */
export interface TestOutcome {
  /** `remembered`: this content passed these same tests before, so that they were not run again. */
  readonly state: "passed" | "failed" | "remembered";
  readonly results: readonly ImageTestResult[];
  readonly failed: number;
  readonly seconds: number;
}

/** Where and how tests are run. */
export interface TestSettings {
  readonly root: string;
  /** The folder for what lies there only while they run. */
  readonly local: string;
  /** Only the tests below these folders of images/, without the rules for all images; undefined: all of them. */
  readonly only?: readonly string[];
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
}

/**
 * Runs the tests of every layer of an image, and the rules that every image obeys, against that image.
 * A failure is an outcome; it does not throw.
 */
export async function testImage(image: ImageToTest, settings: TestSettings): Promise<TestOutcome> {
  const file = join(settings.local, `image-tests-${randomBytes(6).toString("hex")}.jsonl`);
  mkdirSync(settings.local, { recursive: true });
  const started = performance.now();
  try {
    const { exitCode, all } = await runVitest(image, settings, file);
    const results = existsSync(file) ? readResults(file) : [];
    // One that says it passed and tells of no test has tested nothing.
    const whole = exitCode === 0 && results.length > 0;
    const failed = Math.max(results.filter(({ state }) => state === "failed").length, whole ? 0 : 1);
    if (failed > 0) settings.reporter.info(results.length > 0 ? all : `${all}\nno test told of a result`);
    const state = failed === 0 ? "passed" : "failed";
    return { state, results, failed, seconds: (performance.now() - started) / 1000 };
  } finally {
    rmSync(file, { force: true });
  }
}

async function runVitest(image: ImageToTest, settings: TestSettings, results: string) {
  const vitest = join(settings.root, "node_modules/vitest/vitest.mjs");
  const run = `images-test-${randomBytes(4).toString("hex")}`;
  const filters = [
    ...(settings.only ?? image.layers).flatMap((layer) => testFiles(settings.root, layer, image.variant)),
    ...(settings.only === undefined && image.kind !== "service"
      ? ["tools/images/src/image-tests/matrix/"]
      : []),
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

function testFiles(root: string, layer: string, variant: Variant): readonly string[] {
  const all = globSync(`images/${layer}/**/*.test.ts`, { cwd: root });
  const files = all.filter((path) => countsFor(path, variant));
  return files.length === 0 ? [`images/${layer}/`] : files.toSorted();
}

function readResults(file: string): readonly ImageTestResult[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as ImageTestResult);
}
