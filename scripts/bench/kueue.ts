import { createReporter, formatBytes } from "@workstation/cli";
import { obtainControlPlanePrograms } from "@workstation/cluster";
import { projectPath } from "../start/context.ts";
import { percentile, requestsOf } from "./kubernetes/figures.ts";
import { kueueVersion } from "./kubernetes/kueue.ts";
import { type LoadRun, runKueue, runScheduler } from "./kubernetes/load.ts";
import { loadOf, row } from "./kubernetes/load-rows.ts";
import { startWorld } from "./kubernetes/world.ts";
import type { BenchRow } from "./row.ts";

const mostJobs = 1500;

/** The scheduler beside Kueue, one after the other on one API server; the load is smaller, because Kueue takes its time. */
export async function benchKueue(wanted: number): Promise<readonly BenchRow[]> {
  const jobs = Math.min(wanted, mostJobs);
  const place = {
    reporter: createReporter(process.stderr),
    log: projectPath("node_modules/.cache/bench-kubernetes.log"),
  };
  await obtainControlPlanePrograms(place);
  const world = await startWorld();
  try {
    const ours = await runScheduler(world, { jobs, jobSeconds: 1, round: "1" });
    const kueue = await runKueue(world, jobs, place);
    return [rateRow(jobs, ours, kueue), requestsRow(jobs, ours, kueue)];
  } finally {
    await world.stop();
  }
}

function rateRow(jobs: number, ours: LoadRun, kueue: LoadRun): BenchRow {
  const ratio = ours.perSecond / kueue.perSecond;
  return row(`Kubernetes: admissions, and a slot changing hands (p50), ${loadOf(jobs)}`, {
    ours: `${ours.perSecond.toFixed(0)}/s; ${percentile(ours.handOvers, 0.5).toFixed(1)} ms`,
    reference: `${kueue.perSecond.toFixed(0)}/s; ${percentile(kueue.handOvers, 0.5).toFixed(0)} ms (Kueue ${kueueVersion}, StrictFIFO)`,
    ratio: `${ratio.toFixed(1)} ×`,
    target: "",
    met: true,
  });
}

function requestsRow(jobs: number, ours: LoadRun, kueue: LoadRun): BenchRow {
  const writes = ({ audit, who }: LoadRun): string =>
    (
      [...requestsOf(audit, who)]
        .filter(([what]) => !/^(get|list) /.test(what))
        .reduce((sum, [, count]) => sum + count, 0) / jobs
    ).toFixed(1);
  return row(`Kubernetes: writes a job, ${loadOf(jobs)}`, {
    ours: writes(ours),
    reference: `${writes(kueue)} (Kueue ${kueueVersion}; ${formatBytes(kueue.residentBytes ?? 0)} resident)`,
    ratio: "",
    target: "",
    met: true,
  });
}
