import { join } from "node:path";
import { obtainChartPrograms } from "@workstation/chart";
import { UserError } from "@workstation/cli";
import { obtainControlPlanePrograms } from "@workstation/cluster";
import type { TestResult } from "../results/results.ts";
import { type TestContext, vitest } from "./recorded.ts";
import { skippedFor } from "./skipped-for.ts";

/** The tests start clusters of their own; what those consist of is got first, once. */
export async function testAgainstKubernetes(context: TestContext): Promise<readonly TestResult[]> {
  const { reporter, localFolder } = context;
  try {
    const place = { reporter, log: join(localFolder, "kubernetes-programs.log") };
    await obtainControlPlanePrograms(place);
    await obtainChartPrograms(place);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return skippedFor(error, "**/*.kubernetes.test.ts", context);
  }
  return vitest(context, "kubernetes");
}
