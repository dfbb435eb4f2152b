import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { runJobman } from "../run-jobman.ts";
import { createWorld, type World } from "./captured-io.ts";
import { makeJob } from "./make-job.ts";
import { json, type Reply, type ScriptedScheduler, startScriptedScheduler } from "./scripted-scheduler.ts";

/** The routes by which `job1` is followed. */
export const watchRoute = "GET /v1/jobs/job1/watch";
export const logRoute = "GET /v1/jobs/job1/log";

/** A command line that submits `job1` and follows it. */
export const submitAndWait = ["submit", "--wait", "--", "python", "x.py"];

/** A scheduler that takes `job1`. */
export async function startWithSubmit(): Promise<ScriptedScheduler> {
  const scheduler = await startScriptedScheduler();
  scheduler.on("POST /v1/jobs", json({ apiVersion: "v1", job: makeJob(), warnings: [] }));
  return scheduler;
}

/** Starts a command and gives its world while it runs. */
export function startFollowing(scheduler: ScriptedScheduler, words: readonly string[]) {
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket });
  return { world, exitCode: runJobman(words, world.io) };
}

/** The open answer to the next request of a route. */
export function nextRequest(scheduler: ScriptedScheduler, route: string): Promise<ServerResponse> {
  return new Promise((resolve) => {
    const hold: Reply = (response) => {
      response.flushHeaders();
      resolve(response);
    };
    scheduler.on(route, hold);
  });
}

/** Waits until the command has said `text` on stderr. */
export async function seen(world: World, text: string): Promise<void> {
  while (!world.stderr().includes(text)) await once(world.said, "text");
}
