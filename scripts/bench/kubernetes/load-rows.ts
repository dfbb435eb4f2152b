import { loadavg } from "node:os";
import { type BenchRow, median } from "../row.ts";
import { flavorCount, slotsPerFlavor } from "./bench-site.ts";
import { percentile, requestsOf } from "./figures.ts";
import type { LoadRun } from "./load.ts";

/** The same jobs, let go by each in turn. */
export interface Load {
  readonly bare: LoadRun;
  readonly generator: readonly LoadRun[];
  readonly scheduler: readonly LoadRun[];
}

const leastShare = 0.7;

export function rateRow(jobs: number, { bare, generator, scheduler }: Load): BenchRow {
  const rates = scheduler.map(({ perSecond }) => perSecond);
  const ratio = median(rates.map((rate, round) => rate / (generator[round]?.perSecond ?? Number.NaN)));
  const reference = median(generator.map(({ perSecond }) => perSecond));
  return row(`Kubernetes: admissions, ${loadOf(jobs)}`, {
    ours: `${median(rates).toFixed(0)}/s`,
    reference: `${reference.toFixed(0)}/s (a program that lets them go itself); ${bare.perSecond.toFixed(0)}/s (a bare loop, without slots)`,
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≥ ${leastShare} ×`,
    met: ratio >= leastShare,
  });
}

export function handOverRow(jobs: number, { generator, scheduler }: Load): BenchRow {
  const [ours, theirs] = [scheduler, generator].map((runs) => runs.flatMap(({ handOvers }) => handOvers)) as [
    number[],
    number[],
  ];
  const [half, most] = [percentile(ours, 0.5), percentile(ours, 0.99)];
  return row(`Kubernetes: a slot changing hands, p50 / p99, ${loadOf(jobs)}`, {
    ours: `${half.toFixed(1)} / ${most.toFixed(1)} ms`,
    reference: `${percentile(theirs, 0.5).toFixed(1)} / ${percentile(theirs, 0.99).toFixed(1)} ms (a program that lets them go itself)`,
    ratio: `${(half / percentile(theirs, 0.5)).toFixed(1)} ×`,
    target: "p50 < 10 ms, p99 < 50 ms",
    met: half < 10 && most < 50,
  });
}

export function requestsRow(jobs: number, { scheduler }: Load): BenchRow {
  const [run] = scheduler;
  const requests = requestsOf(run?.audit ?? [], run?.who ?? "");
  const each = (what: string): number => (requests.get(what) ?? 0) / jobs;
  return row(`Kubernetes: requests a job, ${loadOf(jobs)}`, {
    ours: [...requests].map(([what, count]) => `${(count / jobs).toFixed(3)} ${what}`).join(", "),
    reference: "",
    ratio: "",
    target: "1 PATCH; at most 1 write of a flavor's ledger",
    met: each("patch jobs") <= 1.001 && each("update slot ledgers") <= 1,
  });
}

export function usageRow(jobs: number, { scheduler }: Load): BenchRow {
  const seconds = median(scheduler.map(({ cpuSeconds = Number.NaN }) => cpuSeconds));
  const shares = scheduler.map(({ cpuSeconds = Number.NaN, seconds: whole }) => cpuSeconds / whole);
  return row(`Kubernetes: the scheduler's processor time, ${loadOf(jobs)}`, {
    ours: `${((seconds / jobs) * 1000).toFixed(2)} s for 1,000 jobs, its start included`,
    reference: "",
    ratio: `${(100 * median(shares)).toFixed(0)} % of one processor while it ran`,
    target: "",
    met: true,
  });
}

/** A row that says how busy the machine was, where it is not quiet. */
export function row(what: string, figures: Omit<BenchRow, "what" | "note">): BenchRow {
  const [load = 0] = loadavg();
  return {
    what: `${what} (load ${load.toFixed(0)})`,
    ...figures,
    note: figures.met ? "" : "not yet explained",
  };
}

/** The load, in words. */
export function loadOf(jobs: number): string {
  const queue = `${flavorCount} flavors × ${slotsPerFlavor} slots`;
  return `${jobs.toLocaleString("en-US")} jobs, ${queue}; a stand-in ends each after a second`;
}
