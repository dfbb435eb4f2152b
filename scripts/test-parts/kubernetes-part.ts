import { join } from "node:path";
import { obtainChartPrograms } from "@workstation/chart";
import { UserError } from "@workstation/cli";
import { obtainControlPlanePrograms, obtainNodePrograms } from "@workstation/cluster";
import type { BuildPlace } from "@workstation/programs";
import type { TestResult } from "../results/results.ts";
import { ensureBase } from "../setup/base.ts";
import { ensureDockerEngine } from "../setup/docker-engine.ts";
import { type TestContext, vitest } from "./recorded.ts";
import { skippedFor } from "./skipped-for.ts";

/** The tests start clusters of their own; what those consist of is got first, once. */
export async function testAgainstKubernetes(context: TestContext): Promise<readonly TestResult[]> {
  const { reporter, localFolder } = context;
  const place = { reporter, log: join(localFolder, "kubernetes-programs.log") };
  try {
    await obtainControlPlanePrograms(place);
    await obtainChartPrograms(place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return skippedFor(error, "**/*.kubernetes.test.ts", context);
  }
  await prepareNodes(context, place);
  return vitest(context, "kubernetes");
}

/** Where that is not possible, the tests that need a node are skips that say why. */
async function prepareNodes({ reporter, localFolder }: TestContext, place: BuildPlace): Promise<void> {
  try {
    await ensureDockerEngine(reporter, localFolder); // their images come from there
    await ensureBase();
    await obtainNodePrograms(place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    reporter.warn(`${error.message}\n  ${error.hint}`);
  }
}
