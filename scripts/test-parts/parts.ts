import { UserError } from "@workstation/cli";
import { checks, runChecks } from "../check/checks.ts";
import type { TestResult } from "../results/results.ts";
import { ensureDockerEngine } from "../setup/docker-engine.ts";
import { installTestPrograms } from "../setup/test-programs.ts";
import { testAgainstDocker } from "./docker-part.ts";
import { buildAndTestImages } from "./image-part.ts";
import { testAgainstKubernetes } from "./kubernetes-part.ts";
import { type TestContext, vitest } from "./recorded.ts";
import { skippedFor } from "./skipped-for.ts";

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
    run: withPrograms((context) => needingDocker(context, dockerTests, () => testAgainstDocker(context))),
  },
  {
    name: "kubernetes",
    title: "Test against a real Kubernetes",
    run: testAgainstKubernetes,
  },
];

/** What some tests need; where it cannot be had, they are skips that say so. */
function withPrograms(run: TestPart["run"]): TestPart["run"] {
  return async (context) => {
    await installTestPrograms(context.reporter, context.localFolder);
    return run(context);
  };
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
    return skippedFor(error, pattern, context);
  }
  return run();
}
