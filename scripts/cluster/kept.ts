import { join } from "node:path";
import { obtainChartPrograms } from "@workstation/chart";
import type { Reporter } from "@workstation/cli";
import { findKeptCluster, keepCluster, obtainClusterPrograms } from "@workstation/cluster";
import type { ClusterRun } from "./cluster-run.ts";

/** Builds or downloads what a cluster consists of, once for this account. */
export async function obtainPrograms({ localFolder }: ClusterRun, reporter: Reporter): Promise<void> {
  const place = { reporter, log: join(localFolder, "kubernetes-programs.log") };
  await obtainClusterPrograms(place);
  await obtainChartPrograms(place);
}

/** Starts it in the background, unless it runs. */
export async function startKept({ at }: ClusterRun, reporter: Reporter): Promise<void> {
  const runs = findKeptCluster(at.cluster) !== undefined;
  const { url } = await keepCluster(at.cluster);
  reporter.info(runs ? `it is there: ${url}` : url);
}
