import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Reporter, UserError } from "@workstation/cli";
import { $ } from "zx/core";
import { checks, runChecks } from "../check/checks.ts";
import { parseResults, type TestResult } from "../results/results.ts";
import { ensureDockerEngine } from "../setup/docker-engine.ts";
import { projectFolder } from "../setup/places.ts";
import { installTestPrograms } from "../setup/test-programs.ts";
import { type EngineUnderTest, machineEngine, makeCurrentEngine } from "./current-engine.ts";

/** What a part of the tests needs to run. */
export interface TestContext {
  readonly reporter: Reporter;
  readonly localFolder: string;
}

/** A part of `npm test`, in the order in which they run. */
export interface TestPart {
  readonly name: string;
  readonly title: string;
  readonly run: (context: TestContext) => Promise<readonly TestResult[]>;
}

const dockerTests = "**/*.docker.test.ts";
const imageTests = "images/*/**/*.test.ts";

export const parts: readonly TestPart[] = [
  { name: "check", title: "Check the sources", run: ({ reporter }) => runChecks(reporter, checks) },
  { name: "unit", title: "Test without Docker", run: withPrograms((context) => vitest(context, "unit")) },
  {
    name: "locks",
    title: "Use the locks of Ubuntu 22.04 under its Python (about 2 min, 3 GB of disk)",
    run: (context) => vitest(context, "locks"),
  },
  {
    name: "images",
    title: "Build the images and test them",
    run: withPrograms((context) => needingDocker(context, imageTests, () => buildAndTestImages(context))),
  },
  {
    name: "docker",
    title: "Test against the real Docker Engine",
    run: (context) => needingDocker(context, dockerTests, () => testAgainstDocker(context)),
  },
];

/** What the tests of pictures need; where it cannot be had, they are skips that say so. */
function withPrograms(run: TestPart["run"]): TestPart["run"] {
  return async (context) => {
    await installTestPrograms(context.reporter, context.localFolder);
    return run(context);
  };
}

function vitest(context: TestContext, project: string): Promise<readonly TestResult[]> {
  return recorded(context, ["vitest", "run", "--project", project], { part: project });
}

async function buildAndTestImages(context: TestContext): Promise<readonly TestResult[]> {
  const results = await recorded(context, ["node", "tools/images/bin/images.js", "build"], {
    part: "images",
  });
  return [...results, ...(await context.reporter.step("Weigh the images", weighImages))];
}

/** Each image's size against what its layer allows and what was agreed to. */
async function weighImages(): Promise<readonly TestResult[]> {
  const quietly = $({ cwd: projectFolder, stdio: ["ignore", "pipe", "inherit"], nothrow: true });
  const { stdout } = await quietly`node tools/images/bin/images.js size --check --json`;
  if (stdout === "") return [{ name: "images size --check", state: "failed", reason: "it ended early" }];
  const { images, faults } = JSON.parse(stdout) as {
    readonly images: readonly { readonly name: string; readonly variant: string }[];
    readonly faults: readonly string[];
  };
  return [
    ...images.map(
      ({ name, variant }): TestResult => ({
        name: `size > ${name} (${variant})`,
        state: "passed",
        reason: "",
      }),
    ),
    ...faults.map((reason): TestResult => ({ name: "size", state: "failed", reason })),
  ];
}

/** These tests start small containers of the base that `images base` makes; where images stand on another, it is missing. */
async function testAgainstDocker(context: TestContext): Promise<readonly TestResult[]> {
  const quietly = $({ cwd: projectFolder, stdio: ["ignore", "ignore", "inherit"], nothrow: true });
  await quietly`node tools/images/bin/images.js base --if-missing`;
  const { name, current } = await machineEngine();
  const results = onEngine(name, await vitest(context, "docker"));
  return [...results, ...(current ? [oneIsEnough(name)] : await testAgainstCurrentDocker(context))];
}

function oneIsEnough(engine: string): TestResult {
  return { name: "the tests of an older engine", state: "skipped", reason: `this machine has ${engine}` };
}

/** What runs jobs and talks to the engine, once more on an engine as users have it. */
const suitesForBothEngines = ["jobman/", "tools/docker/", "tools/images/src/builder/", "init-scripts/"];

async function testAgainstCurrentDocker(context: TestContext): Promise<readonly TestResult[]> {
  let engine: EngineUnderTest;
  try {
    engine = await makeCurrentEngine(context.reporter, context.localFolder);
  } catch (error) {
    const reason = String((error as Error).message).split("\n")[0] ?? "";
    const state = error instanceof UserError ? "skipped" : "failed";
    return [{ name: "the tests of a current engine", state, reason }];
  }
  try {
    const vitest = ["vitest", "run", "--project", "docker", ...suitesForBothEngines];
    const argv = [...engine.prefix, ...vitest] as [string, ...string[]];
    const environment = { ...engine.environment, WORKSTATION_CRASH_ROUNDS: "8" }; // the first run takes more
    const run = async () => [
      ...(await recorded(context, argv, { part: "docker-current", environment })),
      ...(await checkLowestImage(context, engine)),
    ];
    return onEngine(engine.name, await context.reporter.step(`The same on ${engine.name}`, run));
  } finally {
    await engine.dispose();
  }
}

/** The rules for all images on the one that all others stand on; a private engine reaches no archive to build it from. */
async function checkLowestImage(
  context: TestContext,
  engine: EngineUnderTest,
): Promise<readonly TestResult[]> {
  const vitest = ["vitest", "run", "--project", "images", "tools/images/src/image-tests/matrix/"];
  const argv = [...engine.prefix, ...vitest] as [string, ...string[]];
  const image = { WORKSTATION_IMAGE: "ubuntu-python:latest", WORKSTATION_IMAGE_LAYERS: "python" };
  return recorded(context, argv, {
    part: "images-current",
    environment: { ...engine.environment, ...image },
  });
}

function onEngine(engine: string, results: readonly TestResult[]): readonly TestResult[] {
  return results.map((each) => ({ ...each, name: `${each.name} [${engine}]` }));
}

/** Without an engine the tests of a part are skips that say why; they never fail a machine that cannot have one. */
async function needingDocker(
  context: TestContext,
  pattern: string,
  run: () => Promise<readonly TestResult[]>,
): Promise<readonly TestResult[]> {
  try {
    await ensureDockerEngine(context.reporter, context.localFolder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.reporter.warn(`${error.message}\n  ${error.hint}`);
    const files = globSync(pattern, { cwd: projectFolder, exclude: (path) => path.includes("node_modules") });
    return files.map((name) => ({ name, state: "skipped", reason: error.message }));
  }
  return run();
}

/** Runs a program whose vitest writes its results where we read them; a failure that no test explains is one of its own. */
async function recorded(
  context: TestContext,
  argv: readonly [string, ...string[]],
  run: { readonly part: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<readonly TestResult[]> {
  const file = join(context.localFolder, `test-results-${run.part}-${process.pid}.jsonl`);
  const { exitCode } = await $({
    cwd: projectFolder,
    stdio: ["ignore", "inherit", "inherit"],
    nothrow: true,
    env: { ...process.env, ...run.environment, WORKSTATION_TEST_RESULTS: file },
  })`${argv}`;
  const results = existsSync(file) ? parseResults(readFileSync(file, "utf8")) : [];
  if (exitCode === 0 || results.some((each) => each.state === "failed")) return results;
  return [
    ...results,
    { name: argv.join(" "), state: "failed", reason: `ended with ${exitCode ?? "a signal"}` },
  ];
}
