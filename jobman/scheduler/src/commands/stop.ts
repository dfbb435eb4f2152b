import { setTimeout as delay } from "node:timers/promises";
import { exitCodes, UserError } from "@workstation/cli";
import { adminRoutes } from "../status/admin-protocol.ts";
import { askScheduler, findScheduler } from "./ask-scheduler.ts";
import { type PlaceOptions, placesOf } from "./options.ts";
import type { Output } from "./output.ts";

const patienceMs = 30_000;

/** `jobman-scheduler stop`: resolves when the process has gone. Safe to repeat; jobs go on running. */
export async function runStop(options: PlaceOptions, output: Output): Promise<void> {
  const { run } = placesOf(options);
  const pid = (await findScheduler(run))?.pid;
  if (pid === undefined) {
    output.note("no scheduler runs");
    return;
  }
  await askScheduler(run, "POST", adminRoutes.stop);
  const until = Date.now() + patienceMs;
  while (isAlive(pid)) {
    if (Date.now() > until) throw stillThere(pid);
    await delay(50);
  }
  output.note(`the scheduler (process ${pid}) has stopped; jobs go on running`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function stillThere(pid: number): UserError {
  return new UserError("STILL_RUNNING", `the scheduler (process ${pid}) has not stopped within 30 s`, {
    hint: `look at its log; kill -9 ${pid} loses nothing`,
    exitCode: exitCodes.failure,
  });
}
