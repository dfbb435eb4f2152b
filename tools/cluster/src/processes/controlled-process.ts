import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pauseFor } from "node:timers/promises";
import { hold, letGo } from "./hold.ts";

/** A program of the cluster, and what a test can do to it. */
export interface ControlledProcess {
  readonly name: string;
  /** Everything it says, over all its starts. */
  readonly log: string;
  /** Undefined while it does not run. */
  pid(): number | undefined;
  /** Holds it where it is (SIGSTOP), its connections open; resolves when it does nothing more. `resume` lets it go on. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it as a fault does (SIGKILL); resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it, on the same data and ports; resolves when it is ready. Does nothing while it runs. */
  start(): Promise<void>;
}

export interface ProcessSettings {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  /** Where its log lies. */
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What has to be done for it as soon as it runs. */
  started?(pid: number): Promise<void>;
  /** Whether it does its work; asked again and again after a start, failures are no. */
  ready(): Promise<boolean>;
}

const readyLimitMs = 120_000;

/** The handle of a program that does not run yet. It ends with this process, however that ends. */
export function controlledProcess(settings: ProcessSettings): ControlledProcess {
  const log = join(settings.folder, `${settings.name}.log`);
  let child: ChildProcess | undefined;
  const pid = (): number | undefined => (isRunning(child) ? child?.pid : undefined);
  return {
    name: settings.name,
    log,
    pid,
    pause: () => hold(running(pid(), settings.name)),
    resume: () => letGo(running(pid(), settings.name)),
    async kill() {
      const ending = child;
      if (ending === undefined || !isRunning(ending)) return;
      const gone = once(ending, "exit");
      ending.kill("SIGKILL");
      await gone;
    },
    async start() {
      if (isRunning(child)) return;
      child = launch(settings, log);
      if (child.pid !== undefined) await settings.started?.(child.pid);
      await untilReady(settings, child, log);
    },
  };
}

function running(pid: number | undefined, name: string): number {
  if (pid === undefined) throw new Error(`${name} does not run`);
  return pid;
}

function isRunning(child: ChildProcess | undefined): boolean {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** With Node's own module: the program writes to its log by itself, also while this process is busy. */
function launch({ argv, environment }: ProcessSettings, log: string): ChildProcess {
  const [program, ...args] = [...diesWithItsParent(), ...argv] as [string, ...string[]];
  const output = openSync(log, "a");
  try {
    const env = { ...process.env, ...environment };
    const child = spawn(program, args, { stdio: ["ignore", output, output], env });
    child.on("error", () => undefined); // one that could not be started does not run, which is told there
    endWithThisProcess(child);
    return child;
  } finally {
    closeSync(output);
  }
}

const started = new Set<ChildProcess>();

/** Its ordinary end; one handler for all, however often programs are started. */
function endWithThisProcess(child: ChildProcess): void {
  if (started.size === 0) process.on("exit", killAll);
  started.add(child);
  child.once("exit", () => {
    started.delete(child);
    if (started.size === 0) process.off("exit", killAll);
  });
}

function killAll(): void {
  for (const child of started) child.kill("SIGKILL");
}

/** Linux kills it when its parent is gone, also a killed one. */
function diesWithItsParent(): readonly string[] {
  return process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
}

async function untilReady({ name, ready }: ProcessSettings, child: ChildProcess, log: string): Promise<void> {
  const limit = Date.now() + readyLimitMs;
  while (isRunning(child) && Date.now() < limit) {
    if (await ready().catch(() => false)) return;
    await pauseFor(50);
  }
  const what = isRunning(child) ? `was not ready after ${readyLimitMs / 1000} s` : "ended";
  throw new Error(`${name} ${what}:\n${readFileSync(log, "utf8").slice(-3000)}`);
}
