import { setTimeout as delay } from "node:timers/promises";
import { isActive, type Job, type LogPiece } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import type { JobRecord } from "../queue/index.ts";
import { type Presenter, warningAt } from "./presenter.ts";

/** The job now, then after each change that its owner would see; ends after its final state, or when it is forgotten. */
export async function* followJob(
  core: Core,
  presenter: Presenter,
  options: { readonly id: string; readonly signal: AbortSignal },
): AsyncIterable<Job> {
  let last = "";
  while (!options.signal.aborted) {
    const record = core.records.get(options.id);
    if (record === undefined) return;
    const job = presenter.present(record);
    // What never changes, and may be long, is not compared with each move of the queue.
    const text = JSON.stringify({ ...job, command: [], annotations: {} });
    if (text !== last) yield job;
    last = text;
    if (!isActive(record.state)) return;
    // What changed while the reader was slow is looked at at once.
    if (core.records.get(options.id) === record) await nextChange(core, record, options.signal);
  }
}

/**
 * A job's output from behind `after`. With `follow` it waits for the start and goes on until the job has ended.
 * Throws `LOG_GONE` when the output was lost.
 */
export async function* followLog(
  core: Core,
  options: {
    readonly id: string;
    readonly after?: string;
    readonly follow: boolean;
    readonly signal: AbortSignal;
  },
): AsyncIterable<LogPiece> {
  if (options.follow) await untilStarted(core, options.id, options.signal);
  const record = core.records.get(options.id);
  if (record?.startedAt === undefined || options.signal.aborted) return;
  yield* core.engine.log(options.id, options);
}

async function untilStarted(core: Core, id: string, signal: AbortSignal): Promise<void> {
  let record = core.records.get(id);
  while (
    record !== undefined &&
    isActive(record.state) &&
    record.startedAt === undefined &&
    !signal.aborted
  ) {
    await nextChange(core, record, signal);
    record = core.records.get(id);
  }
}

/** Resolves at the next change that may concern the job, when its warning is due, or when `signal` ends the wait. */
async function nextChange(core: Core, record: JobRecord, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const stop = core.records.onChange((changed) => {
    // A waiting job's place and estimates move with every other job.
    if (changed.spec.id === record.spec.id || record.state === "queued") over.abort();
  });
  const warnAt = warningAt(core, record);
  const untilWarning = warnAt === undefined ? -1 : warnAt - core.now();
  try {
    const wait = untilWarning > 0 ? Math.min(untilWarning + 1, longestTimerMs) : longestTimerMs;
    await delay(wait, undefined, { signal: AbortSignal.any([signal, over.signal]), ref: false });
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  } finally {
    stop();
  }
}

/** setTimeout's largest delay. */
const longestTimerMs = 2_147_483_647;
