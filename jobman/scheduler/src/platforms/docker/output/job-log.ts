import { UserError } from "@workstation/cli";
import { daemonTime, subscribeToContainers } from "@workstation/docker";
import type { LogPiece } from "@workstation/jobman/protocol";
import { containerLabels } from "@workstation/site";
import { toPieces } from "../../../logs/log-pieces.ts";
import { parseCursor } from "../../../logs/position.ts";
import { findContainers, jobIdOf } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { resumeCapture } from "./capture.ts";

interface LogOptions {
  readonly after?: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * A job's output from behind a cursor. With `follow` it waits for the job's start, and ends when the job has ended and
 * all of its output was handed out. Throws `LOG_GONE` for a job of which nothing is left, `CURSOR_INVALID`,
 * `ENGINE_UNAVAILABLE`.
 */
export async function* readJobLog(
  context: EngineContext,
  id: string,
  { after, follow, signal }: LogOptions,
): AsyncIterable<LogPiece> {
  const from = after === undefined ? {} : { after: parseCursor(after) };
  if (!(await hasOutput(context, id, { follow, signal })) || signal.aborted) return;
  const grows = follow && context.captures.has(id);
  const entries = context.logs.read(id, { ...from, follow: grows, signal });
  yield* toPieces(entries, context.site.limits.logSize);
}

/** True once there is a log that is complete or grows; with `follow` it is waited for. */
async function hasOutput(
  context: EngineContext,
  id: string,
  { follow, signal }: Omit<LogOptions, "after">,
): Promise<boolean> {
  if ((await isCaptured(context, id)) || (await context.logs.look(id))?.complete === true) return true;
  if (follow) await awaitStart(context, id, signal);
  if (await isCaptured(context, id)) return true;
  const containers = await findContainers(context.docker, context.instance, id);
  const ran = containers.find((each) => each.startedAt !== undefined);
  if (ran !== undefined) await resumeCapture(context, id, ran.id);
  await isCaptured(context, id);
  if (ran !== undefined || (await context.logs.look(id)) !== undefined) return true;
  if (containers.length > 0 || signal.aborted) return false;
  throw new UserError("LOG_GONE", "the output of this job is gone: its files were removed", {
    hint: "what the job wrote to persistent-home is still there",
  });
}

/** True once there is a log that is being written. */
async function isCaptured(context: EngineContext, id: string): Promise<boolean> {
  const capture = context.captures.get(id);
  await capture?.opened;
  return capture !== undefined;
}

/** Resolves when the job's container starts or is gone. */
async function awaitStart(context: EngineContext, id: string, signal: AbortSignal): Promise<void> {
  if (!(await isWaiting(context, id))) return;
  const stop = new AbortController();
  const filter = {
    label: `${containerLabels.id}=${id}`,
    sinceSeconds: (await daemonTime(context.docker)) - 1,
  };
  try {
    const both = AbortSignal.any([signal, stop.signal]);
    const events = await subscribeToContainers(context.docker, filter, both);
    if (!(await isWaiting(context, id))) return;
    for await (const event of events) {
      const ours = jobIdOf(event.labels, context.instance) === id;
      if (ours && ["start", "destroy"].includes(event.action) && !(await isWaiting(context, id))) return;
    }
  } finally {
    stop.abort();
  }
}

async function isWaiting(context: EngineContext, id: string): Promise<boolean> {
  const containers = await findContainers(context.docker, context.instance, id);
  return containers.length > 0 && containers.every((each) => each.startedAt === undefined);
}
