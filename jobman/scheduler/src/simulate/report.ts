import { formatClock, formatTable } from "@workstation/cli";
import type { SimulationResult } from "./simulate.ts";
import type { SimulatedFlavor } from "./workload.ts";

/** One flavor's waiting times in seconds, and the share of its slots' time that was used. */
export interface WaitingTimes {
  readonly flavor: string;
  readonly slots: number;
  readonly jobs: number;
  readonly expired: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly used: number;
}

export function waitingTimes(
  result: SimulationResult,
  flavors: readonly SimulatedFlavor[],
): readonly WaitingTimes[] {
  const byFlavor = Map.groupBy(result.ended, (job) => job.spec.flavor);
  return flavors.map((flavor) => {
    const jobs = byFlavor.get(flavor.name) ?? [];
    const waits = jobs
      .map((job) => ((job.startedAt ?? 0) - job.spec.submittedAt) / 1000)
      .sort((a, b) => a - b);
    const busy = jobs.reduce((sum, job) => sum + (job.endedAt ?? 0) - (job.startedAt ?? 0), 0);
    return {
      flavor: flavor.name,
      slots: flavor.slots,
      jobs: jobs.length,
      expired: jobs.filter((job) => job.state === "expired").length,
      mean: waits.reduce((sum, wait) => sum + wait, 0) / Math.max(1, waits.length),
      p50: quantile(waits, 0.5),
      p95: quantile(waits, 0.95),
      max: quantile(waits, 1),
      used: busy / Math.max(1, result.duration * flavor.slots),
    };
  });
}

/** The table for a person; times are hours:minutes:seconds. */
export function formatWaitingTimes(rows: readonly WaitingTimes[]): string {
  const header = ["FLAVOR", "SLOTS", "JOBS", "EXPIRED", "USED", "MEAN", "P50", "P95", "MAX"];
  return formatTable(header, rows.map(cellsOf), (column) => column > 0);
}

function cellsOf(row: WaitingTimes): readonly string[] {
  const counts = [row.slots, row.jobs, row.expired].map(String);
  const waits = [row.mean, row.p50, row.p95, row.max].map(formatClock);
  return [row.flavor, ...counts, `${Math.round(row.used * 100)} %`, ...waits];
}

/** The smallest value that at least this share of the sorted values does not exceed (nearest rank). */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
