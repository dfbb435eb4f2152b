import { setTimeout as pause } from "node:timers/promises";
import {
  attachToContainer,
  type ContainerState,
  daemonSocket,
  inspectContainer,
  type OutputFrame,
  waitForContainer,
} from "@workstation/docker";
import type { LogWriter } from "../../../logs/log-writer.ts";
import { daemonStartTime } from "../containers/daemon-start.ts";
import { initErrorWords } from "../containers/init-outcome.ts";
import type { Capture, EngineContext } from "../context.ts";
import { catchUp } from "./catch-up.ts";

/** Opens the capture of a container that is about to be started: not a byte of it is missed. */
export async function beginCapture(context: EngineContext, id: string, container: string): Promise<void> {
  const before = context.captures.get(id);
  if (before?.container === container) return;
  before?.stop();
  await before?.done;
  const stop = new AbortController();
  const frames = await attachToContainer(context.docker, container, stop.signal);
  const since = context.now();
  run(context, { id, container, stop }, async (writer) => {
    await copyFrames(frames, writer, context.now);
    return since;
  });
}

/** Takes up a container that runs or has ended, unless its output is being captured or is complete. */
export async function resumeCapture(context: EngineContext, id: string, container: string): Promise<void> {
  if (context.captures.has(id) || (await context.logs.look(id))?.complete === true) return;
  if (context.captures.has(id)) return;
  run(context, { id, container, stop: new AbortController() }, async () => undefined);
}

/** Ends the capture of a container that did not start. */
export async function giveUpCapture(context: EngineContext, id: string): Promise<void> {
  const capture = context.captures.get(id);
  capture?.stop();
  await capture?.done;
  const end = (await context.logs.look(id))?.end;
  if (end !== undefined && end.stdout + end.stderr === 0) await context.logs.remove(id);
}

/** Ends all captures; those of jobs that go on are taken up by whoever comes next. */
export async function stopCaptures(context: EngineContext): Promise<void> {
  const captures = [...context.captures.values()];
  for (const each of captures) each.stop();
  await Promise.all(captures.map((each) => each.done));
}

interface Subject {
  readonly id: string;
  readonly container: string;
  readonly stop: AbortController;
}

/** `first` copies what is open already, and tells since when nothing can have been missed. */
function run(
  context: EngineContext,
  subject: Subject,
  first: (writer: LogWriter) => Promise<number | undefined>,
): void {
  const { id, container, stop } = subject;
  const opening = context.logs.write(id);
  const work = async (): Promise<void> => {
    const writer = hearingInit(await opening, () => {
      for (const tell of context.initFailed) tell(id);
    });
    let complete = false;
    try {
      const since = await first(writer).catch((fault: unknown) => noteBreak(context, stop.signal, fault));
      complete = await goOn(context, subject, { writer, since });
    } finally {
      await writer.close({ complete });
    }
  };
  // A connection that nobody reads would make the container wait.
  const capture: Capture = {
    container,
    opened: opening.catch(() => undefined),
    stop: () => stop.abort(),
    done: work()
      .catch((fault: unknown) => {
        if (!stop.signal.aborted) context.report(fault);
      })
      .finally(() => {
        stop.abort();
        if (context.captures.get(id) === capture) context.captures.delete(id);
      }),
  };
  context.captures.set(id, capture);
}

/** Tells when what is written may say that `init.sh` failed: a job may run for hours after that. */
function hearingInit(writer: LogWriter, tell: () => void): LogWriter {
  let told = 0;
  return {
    ...writer,
    async write(stream, bytes, time) {
      await writer.write(stream, bytes, time);
      if (told >= mostTold || stream === "stdout" || !bytes.includes(initErrorWords)) return;
      told += 1;
      await writer.flush();
      tell();
    },
  };
}

/** A job that says so itself, all the time, is not looked at all the time. */
const mostTold = 10;

function noteBreak(context: EngineContext, signal: AbortSignal, fault: unknown): undefined {
  signal.throwIfAborted();
  context.report(fault);
}

async function copyFrames(
  frames: AsyncIterable<OutputFrame>,
  writer: LogWriter,
  now: () => number,
): Promise<void> {
  for await (const { stream, data } of frames) await writer.write(stream, data, now());
}

/** Follows the container to its end, over lost connections; true when the log is complete then. */
async function goOn(
  context: EngineContext,
  subject: Subject,
  from: { readonly writer: LogWriter; readonly since: number | undefined },
): Promise<boolean> {
  const { id, container } = subject;
  const { signal } = subject.stop;
  for (let since = from.since; ; ) {
    signal.throwIfAborted();
    try {
      const state = await settledState(context, subject, since !== undefined);
      if (state === undefined) return true;
      if (state.startedAt === undefined) return false;
      const running = isRunning(state);
      if (!running && since !== undefined && !(await engineIsYounger(context, since))) return true;
      since = await catchUp(context, { id, container, running, signal }, from.writer);
      if (!running) return true;
    } catch (fault) {
      noteBreak(context, signal, fault);
      since = undefined;
      await pause(retryMs, undefined, { signal });
    }
  }
}

const retryMs = 500;
const endMs = 5_000;

/** An output ends a moment before its container does: `ending` waits for that. */
async function settledState(
  context: EngineContext,
  { container, stop }: Subject,
  ending: boolean,
): Promise<ContainerState | undefined> {
  const state = await inspectContainer(context.docker, container);
  if (!ending || state === undefined || !isRunning(state)) return state;
  const patience = AbortSignal.any([stop.signal, AbortSignal.timeout(endMs)]);
  await waitForContainer(context.docker, container, patience).catch(() => undefined);
  return inspectContainer(context.docker, container);
}

/** An engine that was killed closes its connections as one whose container has ended does. */
async function engineIsYounger(context: EngineContext, since: number): Promise<boolean> {
  const startedAt = await daemonStartTime(daemonSocket(context.docker));
  return startedAt !== undefined && startedAt > since;
}

function isRunning(container: ContainerState): boolean {
  return ["running", "paused", "restarting"].includes(container.status);
}
