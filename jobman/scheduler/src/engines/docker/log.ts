import { setTimeout as pause } from "node:timers/promises";
import {
  type ContainerState,
  engineTime,
  readContainerLog,
  subscribeToContainers,
} from "@workstation/docker";
import type { LogLine } from "@workstation/jobman/protocol";
import { containerLabels } from "@workstation/site";
import type { EngineContext } from "./context.ts";
import { findContainers, jobIdOf } from "./job-objects.ts";
import {
  type Cursor,
  formatCursor,
  type NumberedLine,
  numberLines,
  parseCursor,
  sinceOf,
  skipTo,
} from "./log-cursor.ts";

interface LogOptions {
  readonly after?: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * A job's output from behind a cursor. With `follow` it waits for the job's start, and ends when the job has ended;
 * a job that is gone has no lines. Throws `CURSOR_INVALID`, `ENGINE_UNAVAILABLE`.
 */
export async function* readJobLog(
  context: EngineContext,
  id: string,
  options: LogOptions,
): AsyncIterable<LogLine> {
  let cursor = options.after === undefined ? undefined : parseCursor(options.after);
  let container = await runContainer(context, id);
  if (container === undefined && options.follow) {
    await awaitStart(context, id, options.signal);
    container = await runContainer(context, id);
  }
  for (let follow = options.follow; container !== undefined && !options.signal.aborted; ) {
    for await (const line of linesFrom(context, container.id, { ...options, follow, cursor })) {
      cursor = line.cursor;
      yield toLogLine(line);
    }
    if (!follow) return;
    // An engine can close a followed log at a rotation, and before the last lines of a job that writes much: then
    // there is more to come, or to be read once more.
    container = await runContainer(context, id);
    follow = container !== undefined && isRunning(container);
    if (follow) await pause(reopenPause, undefined, { signal: options.signal });
  }
}

function toLogLine({ time, stream, data, cursor }: NumberedLine): LogLine {
  return { time, stream, data: decoder.decode(data), cursor: formatCursor(cursor) };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const reopenPause = 200;

function isRunning(container: ContainerState): boolean {
  return ["running", "paused", "restarting"].includes(container.status);
}

/** Of a job's containers the one that ever ran. */
async function runContainer(context: EngineContext, id: string): Promise<ContainerState | undefined> {
  const containers = await findContainers(context.docker, context.instance, id);
  return containers.find((each) => each.startedAt !== undefined);
}

async function* linesFrom(
  context: EngineContext,
  container: string,
  options: { readonly cursor: Cursor | undefined; readonly follow: boolean; readonly signal: AbortSignal },
): AsyncIterable<NumberedLine> {
  const since = options.cursor === undefined ? {} : { since: sinceOf(options.cursor) };
  const lines = readContainerLog(context.docker, container, {
    ...since,
    follow: options.follow,
    signal: options.signal,
  });
  yield* skipTo(numberLines(lines), options.cursor);
}

/** Resolves when the job's container starts or is gone. */
async function awaitStart(context: EngineContext, id: string, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const filter = {
    label: `${containerLabels.id}=${id}`,
    sinceSeconds: (await engineTime(context.docker)) - 1,
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
