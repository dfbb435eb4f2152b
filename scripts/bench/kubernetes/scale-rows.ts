import { formatBytes } from "@workstation/cli";
import type { BenchRow } from "../row.ts";
import { percentile } from "./figures.ts";
import { row } from "./load-rows.ts";
import type { Start } from "./starts.ts";

const mostBytes = 130e6;
const mostBytesEach = 3000;
const mostRestartMs = 2000;
/** For this many the targets were set. */
const agreed = 10_000;

/** Of each start, beside the one without jobs. */
export function startRows(starts: readonly Start[]): readonly BenchRow[] {
  const [empty, ...full] = starts;
  if (empty === undefined) return [];
  return [idleRow(empty), ...full.flatMap((start) => [memoryRow(start, empty), restartRow(start)])];
}

function memoryRow({ jobs, residentBytes }: Start, empty: Start): BenchRow {
  const each = (residentBytes - empty.residentBytes) / jobs;
  const enough = residentBytes <= mostBytes || jobs > agreed;
  return row(`Kubernetes: memory with ${shown(jobs)} waiting jobs`, {
    ours: `${formatBytes(residentBytes)}; ${(each / 1000).toFixed(2)} kB a job`,
    reference: `${formatBytes(empty.residentBytes)} (without jobs)`,
    ratio: "",
    target: `${jobs > agreed ? "" : "≤ 130 MB, "}≤ 3 kB a job`,
    met: enough && each <= mostBytesEach,
  });
}

function restartRow({ jobs, fromLeaseMs = Number.NaN, fromStartMs = Number.NaN }: Start): BenchRow {
  return row(`Kubernetes: restart with ${shown(jobs)} waiting jobs, from the lease to the first admission`, {
    ours: `${(fromLeaseMs / 1000).toFixed(2)} s; ${(fromStartMs / 1000).toFixed(2)} s from the process's start`,
    reference: "",
    ratio: "",
    target: jobs > agreed ? "" : "≤ 2 s",
    met: jobs > agreed || fromLeaseMs <= mostRestartMs,
  });
}

function idleRow({ idleRequests, idleSeconds }: Start): BenchRow {
  const writes = [...idleRequests].filter(
    ([what]) => !/^(get|list) /.test(what) && !what.endsWith(" leases"),
  );
  return row(`Kubernetes: requests in ${idleSeconds} s in which nothing happens`, {
    ours: [...idleRequests].map(([what, count]) => `${count} ${what}`).join(", "),
    reference: "",
    ratio: "",
    target: "no write but the Lease's",
    met: writes.length === 0,
  });
}

export function submitRow(tookMs: readonly number[]): BenchRow {
  return row("Kubernetes: submission over HTTPS with a token, 100 clients at once, p50 / p99", {
    ours: `${percentile(tookMs, 0.5).toFixed(0)} / ${percentile(tookMs, 0.99).toFixed(0)} ms`,
    reference: "",
    ratio: "",
    target: "",
    met: true,
  });
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
