import { createReporter } from "@workstation/cli";
import { obtainControlPlanePrograms } from "@workstation/cluster";
import { projectPath } from "../start/context.ts";
import { type LoadRun, runBare, runGenerator, runScheduler } from "./kubernetes/load.ts";
import { handOverRows, type Load, rateRow, requestsRow, usageRow } from "./kubernetes/load-rows.ts";
import { startRows, submitRow } from "./kubernetes/scale-rows.ts";
import { measureStarts, type Start } from "./kubernetes/starts.ts";
import { measureSubmits } from "./kubernetes/submits.ts";
import { startWorld } from "./kubernetes/world.ts";
import type { BenchRow } from "./row.ts";

const rounds = 2;
/** 600 slots whose jobs take so long end some 30 a second. */
const calmSeconds = 20;
const calmJobs = 1500;
const submissionsEach = 10;
/** So many wait when memory and restart are measured; the last of them only where the load is as large. */
const waiting = [0, 10_000, 50_000];
const large = 15_000;

/**
 * The scheduler on a real API server and etcd, as a process that finds itself in a pod, beside a loop that does nothing but
 * the scheduler's PATCH and a program that lets the same jobs go by itself. There is no controller and no node: for this
 * load a stand-in writes on each job that was let go that it is complete: a second later, or for a calm load twenty.
 */
export async function* benchKubernetes(jobs: number): AsyncIterable<BenchRow> {
  const log = projectPath("node_modules/.cache/bench-kubernetes.log");
  await obtainControlPlanePrograms({ reporter: createReporter(process.stderr), log });
  const load = await measureLoad(jobs);
  yield rateRow(jobs, load);
  yield* handOverRows(jobs, load);
  yield requestsRow(jobs, load);
  yield usageRow(jobs, load);
  const starts: Start[] = [];
  for await (const start of measureStarts(jobs < large ? waiting.slice(0, 2) : waiting)) starts.push(start);
  yield* startRows(starts);
  yield submitRow(await measureSubmits(submissionsEach));
}

/** All on one API server, in turn, so that a drifting machine drifts for all. */
async function measureLoad(jobs: number): Promise<Load> {
  const world = await startWorld();
  try {
    const bare = await runBare(world, jobs);
    const [generator, scheduler]: [LoadRun[], LoadRun[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1) {
      const burst = { jobs, jobSeconds: 1, round: String(round) };
      generator.push(await runGenerator(world, burst));
      scheduler.push(await runScheduler(world, burst));
    }
    const few = { jobs: Math.min(jobs, calmJobs), jobSeconds: calmSeconds, round: "calm" };
    const calm = {
      jobs: few.jobs,
      generator: await runGenerator(world, few),
      scheduler: await runScheduler(world, few),
    };
    return { bare, generator, scheduler, calm };
  } finally {
    await world.stop();
  }
}
