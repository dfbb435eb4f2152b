import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { formatBytes } from "@workstation/cli";
import { userSocket } from "@workstation/site";
import { attacks } from "../../jobman/scheduler/src/testing/attack.ts";
import {
  makeSchedulerProcess,
  type SchedulerProcess,
} from "../../jobman/scheduler/src/testing/scheduler-process.ts";
import { projectPath } from "../start/context.ts";
import type { BenchRow } from "./row.ts";

const samples = 200;
const pauseMs = 20;
const mostMilliseconds = 100;
const mostResidentBytes = 300e6;
const attacker = "mallory";
const neighbour = "alice";

/** What one user's attack does to another's `list`, and to the scheduler's memory. */
export async function* benchNeighbours(): AsyncIterable<BenchRow> {
  for (const [number, attack] of attacks.entries()) yield await measureAttack(attack.name, number);
}

/** A scheduler of its own for each, so that the memory is this attack's. */
async function measureAttack(name: string, number: number): Promise<BenchRow> {
  const scheduler = await makeSchedulerProcess();
  try {
    await scheduler.addUsers([attacker, neighbour]);
    await scheduler.start();
    await scheduler.as(attacker)("POST", "/v1/jobs", { arguments: ["sleep", "600"], name: "mine" });
    const quiet = await listTimes(scheduler);
    const hostile = attack(userSocket(scheduler.run, attacker).socket, number);
    try {
      await delay(500);
      const busy = await listTimes(scheduler);
      return rowOf(name, { quiet, busy, residentBytes: mostResident(scheduler.pid()) });
    } finally {
      hostile.kill("SIGKILL");
      await once(hostile, "exit");
    }
  } finally {
    await scheduler.dispose();
  }
}

function attack(socket: string, number: number): ChildProcess {
  const program = projectPath("scripts/bench/attacker.ts");
  return spawn(process.execPath, [program, socket, String(number)], { stdio: "ignore" });
}

/** Milliseconds of each `list` of the neighbour, sorted. */
async function listTimes(scheduler: SchedulerProcess): Promise<readonly number[]> {
  const list = scheduler.as(neighbour);
  const times: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const startedAt = performance.now();
    await list("GET", "/v1/jobs");
    times.push(performance.now() - startedAt);
    await delay(pauseMs);
  }
  return times.sort((a, b) => a - b);
}

/** The most memory that the process ever had, as the kernel counts it. */
function mostResident(pid: number | undefined): number {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}

function rowOf(
  name: string,
  measured: {
    readonly quiet: readonly number[];
    readonly busy: readonly number[];
    readonly residentBytes: number;
  },
): BenchRow {
  const { quiet, busy, residentBytes } = measured;
  const met = quantile(busy, 0.99) <= mostMilliseconds && residentBytes <= mostResidentBytes;
  return {
    what: `another user's list, p50 / p99, during: ${name}`,
    ours: `${shown(busy)}; scheduler at most ${formatBytes(residentBytes)}`,
    reference: `${shown(quiet)} (before it)`,
    ratio: `${(quantile(busy, 0.5) / quantile(quiet, 0.5)).toFixed(1)} ×`,
    target: `p99 ≤ ${mostMilliseconds} ms, ≤ ${formatBytes(mostResidentBytes)}`,
    met,
    note: met ? "" : noteOn(quiet, residentBytes),
  };
}

function noteOn(quiet: readonly number[], residentBytes: number): string {
  if (residentBytes > mostResidentBytes) return "memory, not yet explained";
  const isBusy = quantile(quiet, 0.99) > mostMilliseconds / 2;
  return isBusy
    ? "the machine was busy with other things, as the figure before it shows"
    : "not yet explained";
}

function shown(times: readonly number[]): string {
  return `${quantile(times, 0.5).toFixed(1)} / ${quantile(times, 0.99).toFixed(1)} ms`;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
