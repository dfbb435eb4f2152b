import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "@workstation/cli";
import type { LogPiece } from "@workstation/jobman/protocol";
import type { Observation } from "../../../queue/model.ts";
import { hasStatus } from "../api/cluster-error.ts";
import { paths, withQuery } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import { jobContainer } from "../objects/names.ts";
import type { PodView } from "../objects/read-pod.ts";
import { formatPlace, type LogPlace, logPieces, parsePlace, rotated } from "./log-lines.ts";
import { readAhead } from "./read-ahead.ts";

interface LogOptions {
  readonly after?: string;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** How long a log that is followed may say nothing: it is asked for again then, from where it stood. */
const silenceMs = 3_600_000;
const againMs = 1000;

/**
 * A job's output from behind a cursor, as its node keeps it; with `follow` from its start to its end, over lost connections.
 * Throws `LOG_GONE` when its pod is gone, `CURSOR_INVALID`.
 */
export async function* readPodLog(
  context: Pick<EngineContext, "tracker" | "connection" | "site" | "report">,
  id: string,
  { after, follow, signal }: LogOptions,
): AsyncIterable<LogPiece> {
  let place: LogPlace | undefined = after === undefined ? undefined : parsePlace(after);
  const pod = await startedPod(context, id, { follow, signal });
  if (pod === undefined) return;
  const keptBytes = context.site.limits.logSize;
  let isRead = false;
  // A kubelet hands a log that is followed out line by line: what is there already comes much faster without.
  let isCaughtUp = hasJustBegun(pod);
  while (!signal.aborted) {
    const wasOver = isOver(context, id);
    const follows = follow && isCaughtUp && !wasOver;
    const reading = new AbortController();
    if (follows) void endWhenOver(context, id, reading);
    try {
      const chunks = await context.connection.stream(pathOf(pod, place, follows), {
        signal: AbortSignal.any([signal, reading.signal]),
        silenceMs,
      });
      const pieces =
        place === undefined
          ? fromBeginning(chunks, pod, keptBytes)
          : logPieces(chunks, { after: place, keptBytes });
      for await (const piece of pieces) {
        place = parsePlace(piece.cursor);
        yield piece;
      }
      if (!follow || wasOver) return;
      if (!follows) {
        isCaughtUp = true;
        continue;
      }
      // The API server ends it in good order where a kubelet's connection breaks, too: what came last is asked for once more.
      isRead = isOver(context, id);
      if (isRead) continue;
    } catch (error) {
      if (signal.aborted) return;
      if (reading.signal.aborted) continue;
      if (hasStatus(error, 404)) {
        if (isRead) return;
        throw gone();
      }
      if (!follow) throw error;
      context.report(error, "output");
    } finally {
      reading.abort();
    }
    // The connection broke, or the end is not told yet: from where it stood.
    await pause(againMs, undefined, { signal }).catch(() => undefined);
  }
}

/** What is left a second after the end is read without following. */
async function endWhenOver(
  context: Pick<EngineContext, "tracker">,
  id: string,
  reading: AbortController,
): Promise<void> {
  const { signal } = reading;
  await context.tracker.until(id, () => (isOver(context, id) ? true : undefined), signal);
  await pause(againMs, undefined, { signal, ref: false }).catch(() => undefined);
  reading.abort();
}

/** Kubernetes tells whole seconds, and a program takes a moment until its first word. */
const soonMs = 2_000;
/** A kubelet begins a new file at 10 MB (`containerLogMaxSize`): where less than this is there, it is hardly a second one. */
const muchBytes = 1_000_000;
/** So long is waited for what is there already of a log that goes on. */
const waitMs = 300;

/**
 * A kubelet shows the newest file of a log and does not say that there are others: where much is there at once, and its
 * first line is not of the beginning, it is told that there may be.
 */
async function* fromBeginning(
  chunks: AsyncIterable<Uint8Array>,
  pod: PodView,
  keptBytes: number,
): AsyncIterable<LogPiece> {
  const { startedAt = 0 } = pod;
  const ahead = hasJustBegun(pod) ? undefined : await readAhead(chunks, { enough: muchBytes, waitMs });
  let isFirst = true;
  for await (const piece of logPieces(ahead?.all ?? chunks, { after: undefined, keptBytes })) {
    const isMuch = ahead !== undefined && ahead.bytes >= muchBytes;
    if (isFirst && isMuch && Date.parse(piece.time) - startedAt > soonMs) {
      const cursor = formatPlace({
        time: new Date(startedAt).toISOString().replace("Z", "000000Z"),
        count: 1,
      });
      yield { time: piece.time, gone: rotated(keptBytes), cursor };
    }
    isFirst = false;
    yield piece;
  }
}

function hasJustBegun({ startedAt = 0 }: PodView): boolean {
  return Date.now() - startedAt < soonMs;
}

/** The pod whose output it is; with `follow` it is waited for. Undefined while nothing has run. */
async function startedPod(
  { tracker }: Pick<EngineContext, "tracker">,
  id: string,
  { follow, signal }: Pick<LogOptions, "follow" | "signal">,
): Promise<PodView | undefined> {
  const isDecided = (): boolean => {
    const job = tracker.observe(id);
    return job === undefined || job.phase === "ended" || tracker.podOf(id)?.startedAt !== undefined;
  };
  if (follow) await tracker.until(id, () => (isDecided() ? true : undefined), signal);
  const pod = tracker.podOf(id);
  if (pod?.startedAt !== undefined) return pod;
  if (signal.aborted) return undefined;
  const job = tracker.observe(id);
  if (job !== undefined && !hasRun(job)) return undefined;
  throw gone();
}

/** It has an end of its own: its pod must have been there. */
function hasRun({ phase, exitCode, startedAt }: Observation): boolean {
  return phase === "ended" && (exitCode !== undefined || startedAt !== undefined);
}

function isOver({ tracker }: Pick<EngineContext, "tracker">, id: string): boolean {
  return tracker.podOf(id)?.end !== undefined || (tracker.observe(id)?.phase ?? "ended") === "ended";
}

function pathOf({ namespace, name }: PodView, place: LogPlace | undefined, follow: boolean): string {
  return withQuery(`${paths.pod(namespace, name)}/log`, {
    container: jobContainer,
    timestamps: true,
    ...(follow ? { follow } : {}),
    // The API knows whole seconds; what comes twice is left out here.
    ...(place === undefined ? {} : { sinceTime: `${place.time.slice(0, 19)}Z` }),
  });
}

function gone(): UserError {
  return new UserError("LOG_GONE", "the output of this job is gone: it went with its pod", {
    hint: "what the job wrote to persistent-home is still there",
  });
}
