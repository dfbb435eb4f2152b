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
  /** Of jobs that take longer, so that the API server has time between their ends. */
  readonly calm: { readonly jobs: number; readonly generator: LoadRun; readonly scheduler: LoadRun };
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

/** Where ends come slower than the API server writes, which is what the target is about, and where they come faster. */
export function handOverRows(jobs: number, { generator, scheduler, calm }: Load): readonly BenchRow[] {
  const [ours, theirs] = [[calm.scheduler], [calm.generator]].map(handOversOf);
  const rate = `${calm.scheduler.perSecond.toFixed(0)} jobs ending a second`;
  return [
    handOverRow(`${calm.jobs.toLocaleString("en-US")} jobs, ${rate}`, {
      ours: ours ?? [],
      theirs: theirs ?? [],
      target: { half: 10, most: 50 },
    }),
    handOverRow(loadOf(jobs), { ours: handOversOf(scheduler), theirs: handOversOf(generator) }),
  ];
}

function handOversOf(runs: readonly LoadRun[]): readonly number[] {
  return runs.flatMap(({ handOvers }) => handOvers);
}

function handOverRow(
  load: string,
  {
    ours,
    theirs,
    target,
  }: {
    readonly ours: readonly number[];
    readonly theirs: readonly number[];
    readonly target?: { readonly half: number; readonly most: number };
  },
): BenchRow {
  const [half, most] = [percentile(ours, 0.5), percentile(ours, 0.99)];
  return row(`Kubernetes: a slot changing hands, p50 / p99, ${load}`, {
    ours: `${half.toFixed(1)} / ${most.toFixed(1)} ms`,
    reference: `${percentile(theirs, 0.5).toFixed(1)} / ${percentile(theirs, 0.99).toFixed(1)} ms (a program that lets them go itself)`,
    ratio: `${(half / percentile(theirs, 0.5)).toFixed(1)} ×`,
    target: target === undefined ? "" : `p50 < ${target.half} ms, p99 < ${target.most} ms`,
    met: target === undefined || (half < target.half && most < target.most),
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
  return `${jobs.toLocaleString("en-US")} jobs, ${queue}; a stand-in ends each after about a second`;
}
