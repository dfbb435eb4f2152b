import { UserError } from "@workstation/cli";
import type { TestResult } from "../results/results.ts";
import { ensureBase } from "../setup/base.ts";
import { type EngineUnderTest, machineEngine, makeCurrentEngine } from "./current-engine.ts";
import { weighImages } from "./image-part.ts";
import { recorded, type TestContext } from "./recorded.ts";
import { isWithoutWayOut } from "./way-out.ts";

/** These tests start small containers of the base that `images base` makes; where images stand on another, it is missing. */
export async function testAgainstDocker(context: TestContext): Promise<readonly TestResult[]> {
  await ensureBase();
  const { name, current } = await machineEngine();
  const results = onEngine(
    name,
    await recorded(context, ["vitest", "run", ...dockerProjects], { part: "docker" }),
  );
  return [...results, ...(current ? [oneIsEnough(name)] : await testAgainstCurrentDocker(context))];
}

function oneIsEnough(engine: string): TestResult {
  return { name: "the tests of an older engine", state: "skipped", reason: `this machine has ${engine}` };
}

const dockerProjects = ["--project", "docker", "--project", "docker-alone"];

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
    const vitest = ["vitest", "run", ...dockerProjects, ...suitesForBothEngines];
    const argv = [...engine.prefix, ...vitest] as [string, ...string[]];
    const environment = { ...engine.environment, WORKSTATION_CRASH_ROUNDS: "8" }; // the first run takes more
    const run = async () => [
      ...(await buildLowestImage(context, engine)), // some of the others use it
      ...(await recorded(context, argv, { part: "docker-current", environment })),
    ];
    return onEngine(engine.name, await context.reporter.step(`The same on ${engine.name}`, run));
  } finally {
    await engine.dispose();
  }
}

/** The image that all others stand on, built from its first step on, tested and weighed as on the machine's engine. */
async function buildLowestImage(
  context: TestContext,
  engine: EngineUnderTest,
): Promise<readonly TestResult[]> {
  const image = "ubuntu-python:latest";
  const build = ["node", "tools/images/bin/images.js", "build", image];
  const argv = [...engine.prefix, ...build] as [string, ...string[]];
  const run = { part: "images-current", environment: engine.environment };
  try {
    return await engine.withWayOut(async () => [
      ...(await recorded(context, argv, run)),
      ...(await weighImages(context, { engine, images: [image] })),
    ]);
  } catch (error) {
    if (!isWithoutWayOut(error)) throw error;
    await engine.bringImage(image);
    return [{ name: `the build of ${image}`, state: "skipped", reason: error.message }];
  }
}

function onEngine(engine: string, results: readonly TestResult[]): readonly TestResult[] {
  return results.map((each) => ({ ...each, name: `${each.name} [${engine}]` }));
}
