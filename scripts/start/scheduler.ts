import { spawn } from "node:child_process";
import { constants, copyFileSync, existsSync, lchownSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { userFolder } from "@workstation/site";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";
import { projectPath, type StartContext } from "./context.ts";

const readyLimitMs = 30_000;
const program = "jobman/scheduler/bin/jobman-scheduler.js";

/** Starts the scheduler in the background unless one of our instance already answers. */
export async function startScheduler(context: StartContext, reporter: Reporter): Promise<void> {
  if (await answers(context)) {
    reporter.info("already running");
    return;
  }
  mkdirSync(context.places.state, { recursive: true, mode: 0o700 });
  const log = join(context.places.state, "scheduler.log");
  const output = openSync(log, "a", 0o600);
  const child = spawn(
    "node",
    [projectPath(program), "serve", "--engine", "docker", ...context.schedulerArguments],
    {
      cwd: projectFolder,
      detached: true,
      stdio: ["ignore", output, output],
    },
  );
  let ended = false;
  child.on("exit", () => {
    ended = true;
  });
  const deadline = Date.now() + readyLimitMs;
  while (!(await answers(context))) {
    if (ended || Date.now() > deadline) throw notStarted(log, ended);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.unref();
  reporter.info(`its log is ${log}`);
}

/** Registers the user of the example with the dataset, and puts the default init.sh where there is none. */
export async function registerUser(context: StartContext, reporter: Reporter): Promise<void> {
  const { record, persistentHome } = userFolder(context.places.state, context.user);
  if (!existsSync(record)) {
    await scheduler(context, ["user", "add", context.user, "--datasets", context.dataset]);
  }
  const { uid, gid } = JSON.parse(readFileSync(record, "utf8")) as {
    readonly uid: number;
    readonly gid: number;
  };
  if (!existsSync(context.initFile)) {
    copyFileSync(projectPath("init-scripts/init.sh"), context.initFile, constants.COPYFILE_EXCL);
    if (process.getuid?.() === 0) lchownSync(context.initFile, uid, gid);
  }
  reporter.info(`${context.user} (uid ${uid}), home ${persistentHome}`);
}

/** Stops the scheduler of our instance; jobs go on. Answers false when none ran. */
export async function stopScheduler(context: StartContext): Promise<boolean> {
  if (!(await answers(context))) return false;
  await scheduler(context, ["stop"]);
  return true;
}

async function answers(context: StartContext): Promise<boolean> {
  const { ok } = await $({
    nothrow: true,
    quiet: true,
  })`node ${projectPath(program)} status --json ${context.schedulerArguments}`;
  return ok;
}

async function scheduler(context: StartContext, argv: readonly string[]): Promise<void> {
  const arguments_ = [...argv, ...context.schedulerArguments];
  await $({ stdio: ["ignore", "inherit", "inherit"] })`node ${projectPath(program)} ${arguments_}`;
}

function notStarted(log: string, ended: boolean): UserError {
  const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-10).join("\n");
  const what = ended ? "ended at once" : `did not answer within ${readyLimitMs / 1000} s`;
  return new UserError("SCHEDULER_NOT_STARTED", `the scheduler ${what}:\n${tail}`, {
    hint: `its whole log is ${log}`,
    exitCode: exitCodes.unavailable,
  });
}
