import { formatBytes } from "@workstation/cli";
import { $ } from "zx/core";
import leanFlags from "../../jobman/scheduler/bin/lean-flags.json" with { type: "json" };
import { projectPath } from "../start/context.ts";
import { type BenchRow, median } from "./row.ts";

const rounds = 5;
const waitingJobs = 10_000;
const probe = "jobman/scheduler/src/testing/memory-probe.ts";
/** Those with which `jobman-scheduler serve` runs, and one to collect garbage before measuring. */
const flags = [...leanFlags, "--expose-gc"];

interface Probe {
  readonly residentBytes: number;
  readonly firstAdmissionMs?: number;
}

/** The scheduler's memory and its first admission after a start, with 10,000 waiting jobs on an engine in memory. */
export async function benchSchedulerMemory(): Promise<readonly BenchRow[]> {
  const idle: Probe[] = [];
  const full: Probe[] = [];
  // One more at first, which fills the compile cache.
  for (let round = -1; round < rounds; round += 1) {
    const pair = [await runProbe(0), await runProbe(waitingJobs)] as const;
    if (round < 0) continue;
    idle.push(pair[0]);
    full.push(pair[1]);
  }
  const perJob =
    median(full.map((each, index) => each.residentBytes - (idle[index]?.residentBytes ?? 0))) / waitingJobs;
  const resident = median(full.map((each) => each.residentBytes));
  const admission = median(full.map((each) => each.firstAdmissionMs ?? Number.POSITIVE_INFINITY));
  return [
    {
      what: `scheduler memory with ${waitingJobs} waiting jobs`,
      ours: formatBytes(resident),
      reference: `${formatBytes(median(idle.map((each) => each.residentBytes)))} (without jobs)`,
      ratio: "",
      target: "≤ 130 MB",
      met: resident <= 130e6,
      note: resident <= 130e6 ? "" : "the runtime and its libraries take most of it",
    },
    figureRow("scheduler memory a waiting job", perJob / 1000, { unit: "kB", atMost: 3 }),
    figureRow(`scheduler start with ${waitingJobs} waiting jobs, to the first admission`, admission / 1000, {
      unit: "s",
      atMost: 2,
    }),
  ];
}

function figureRow(
  what: string,
  figure: number,
  limit: { readonly unit: string; readonly atMost: number },
): BenchRow {
  const met = figure <= limit.atMost;
  const target = `≤ ${limit.atMost} ${limit.unit}`;
  const note = met ? "" : "not yet explained";
  return { what, ours: `${figure.toFixed(2)} ${limit.unit}`, reference: "", ratio: "", target, met, note };
}

async function runProbe(jobs: number): Promise<Probe> {
  const env = {
    ...process.env,
    MALLOC_ARENA_MAX: "1",
    NODE_COMPILE_CACHE: projectPath("node_modules/.cache/node-compile"),
  };
  return $({ env })`node ${flags} ${projectPath(probe)} ${jobs}`.json<Probe>();
}
