import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { BuildPlace } from "@workstation/programs";
import { projectPath } from "../../start/context.ts";
import { type AuditLine, auditEnd, readAudit } from "./audit.ts";
import { isEnd, type LoadFigures, loadFigures } from "./figures.ts";
import { fill } from "./fill.ts";
import { startKueue } from "./kueue.ts";
import { startSchedulerInPod } from "./scheduler-in-pod.ts";
import type { World } from "./world.ts";

/** One way to let all jobs of a load go, measured. */
export interface LoadRun extends LoadFigures {
  readonly who: string;
  readonly audit: readonly AuditLine[];
  /** Of the program that let the jobs go, in seconds of one processor; for the scheduler alone. */
  readonly cpuSeconds?: number;
  /** Its resident memory at the end; for Kueue alone. */
  readonly residentBytes?: number;
}

type Work = (instance: string) => Promise<{ readonly cpuSeconds?: number }>;

/** Lets as many jobs go as fast as one connection pool can, whatever they belong to, and nothing ends. */
export function runBare(world: World, jobs: number): Promise<LoadRun> {
  return run(world, { who: "bare", jobs }, async (instance) => {
    await runToEnd(program("bare-loop", await accountOf(world, "bare"), instance));
    return {};
  });
}

/** Jobs that end by themselves. */
export interface EndingLoad {
  readonly jobs: number;
  /** How long a job takes, on average. */
  readonly jobSeconds: number;
  /** Told apart from other runs by this. */
  readonly round: string;
}

/** Lets them go by flavor and in order. */
export function runGenerator(world: World, { jobs, jobSeconds, round }: EndingLoad): Promise<LoadRun> {
  return run(world, { who: `generator-${round}`, jobs }, async (instance) =>
    withStandIn(world, { instance, jobSeconds }, async () => {
      await runToEnd(program("load-generator", await accountOf(world, instance), instance));
      return {};
    }),
  );
}

/** The same by the scheduler. */
export function runScheduler(world: World, { jobs, jobSeconds, round }: EndingLoad): Promise<LoadRun> {
  return run(world, { who: `scheduler-${round}`, jobs }, async (instance) =>
    withStandIn(world, { instance, jobSeconds }, async () => {
      const since = auditEnd(world);
      const scheduler = await startSchedulerInPod(world, await accountOf(world, instance), instance);
      try {
        await untilEnded(world, { since, jobs, log: scheduler.log });
        return { cpuSeconds: scheduler.usage().cpuSeconds };
      } finally {
        await scheduler.stop();
      }
    }),
  );
}

/** The same by Kueue, whose jobs are one user's and know what they need from the beginning. */
export async function runKueue(world: World, jobs: number, place: BuildPlace): Promise<LoadRun> {
  const who = "kueue";
  await fill(world, await accountOf(world, who), { instance: who, jobs, forKueue: true });
  const since = auditEnd(world);
  const run = await withStandIn(world, { instance: who, jobSeconds: 1 }, async () => {
    const kueue = await startKueue(world, place);
    try {
      await untilEnded(world, { since, jobs, log: () => "" });
      return kueue.usage();
    } finally {
      await kueue.stop();
    }
  });
  const audit = await readAudit(world, since);
  return { who, audit, ...loadFigures(audit, who), ...run };
}

async function run(
  world: World,
  { who, jobs }: { readonly who: string; readonly jobs: number },
  work: Work,
): Promise<LoadRun> {
  await fill(world, await accountOf(world, who), { instance: who, jobs });
  const since = auditEnd(world);
  const { cpuSeconds } = await work(who);
  await pause(settleMs);
  const audit = await readAudit(world, since);
  return { who, audit, ...loadFigures(audit, who), ...(cpuSeconds === undefined ? {} : { cpuSeconds }) };
}

/** What follows from the last ends is written a little later. */
const settleMs = 3000;

const accounts = new WeakMap<World, Map<string, Promise<string>>>();

/** The account's file, made when it is wanted first. */
function accountOf(world: World, name: string): Promise<string> {
  const made = accounts.get(world) ?? new Map<string, Promise<string>>();
  accounts.set(world, made);
  const account = made.get(name) ?? world.account(name);
  made.set(name, account);
  return account;
}

async function withStandIn<T>(
  world: World,
  { instance, jobSeconds }: { readonly instance: string; readonly jobSeconds: number },
  work: () => Promise<T>,
): Promise<T> {
  const standIn = program("stand-in", await accountOf(world, "stand-in"), instance, String(jobSeconds));
  try {
    const fails = failure(standIn);
    await Promise.race([once(standIn.stdout ?? standIn, "data"), fails]);
    return await Promise.race([work(), fails]);
  } finally {
    await pause(settleMs);
    standIn.kill();
  }
}

function program(name: string, ...words: readonly string[]): ChildProcess {
  const file = projectPath(`scripts/bench/kubernetes/${name}.ts`);
  return spawn(process.execPath, [file, ...words], { stdio: ["ignore", "pipe", "inherit"] });
}

async function runToEnd(child: ChildProcess): Promise<void> {
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`${child.spawnargs.join(" ")} ended with ${code}`);
}

async function failure(child: ChildProcess): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`${child.spawnargs.join(" ")} ended with ${code}`);
}

/** Resolves when all have ended; throws when half a minute passes in which nothing does. */
async function untilEnded(
  world: World,
  { since, jobs, log }: { readonly since: number; readonly jobs: number; readonly log: () => string },
): Promise<void> {
  let [seen, quiet] = [0, 0];
  while (seen < jobs) {
    await pause(1000);
    const ended = (await readAudit(world, since)).filter(isEnd).length;
    quiet = ended === seen ? quiet + 1 : 0;
    seen = ended;
    if (quiet > 30) throw new Error(`only ${seen} of ${jobs} jobs ended: ${log()}`);
  }
}
