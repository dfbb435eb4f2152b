import { setTimeout as pause } from "node:timers/promises";
import { readContainerLog } from "@workstation/docker";
import type { LogStore } from "../../../logs/log-store.ts";
import type { LogWriter } from "../../../logs/log-writer.ts";
import type { StreamName } from "../../../logs/position.ts";
import type { EngineContext } from "../context.ts";
import { type LiveOutput, openLiveOutput } from "./live-output.ts";
import { newLines, type StoredLine } from "./new-lines.ts";
import { overlapOf } from "./overlap.ts";

/** A container whose output was not listened to for a while. */
export interface Missed {
  readonly id: string;
  readonly container: string;
  readonly running: boolean;
  readonly signal: AbortSignal;
}

/**
 * Adds what the engine's own log has beyond ours, and then what comes, until the connection ends. Returns since when
 * nothing can have been missed; undefined for a container that has ended.
 */
export async function catchUp(
  context: EngineContext,
  missed: Missed,
  writer: LogWriter,
): Promise<number | undefined> {
  const { container, running, signal } = missed;
  if (!running) {
    for await (const line of missedLines(context, missed, writer)) await put(writer, line);
    return undefined;
  }
  // The connection first: what is written while the log is read comes twice, and nothing in between is missed.
  const live = await openLiveOutput(context.docker, container, signal);
  try {
    await joinLive(context, missed, { live, writer });
  } finally {
    live.close();
  }
  return live.since;
}

async function joinLive(
  context: EngineContext,
  missed: Missed,
  { live, writer }: { readonly live: LiveOutput; readonly writer: LogWriter },
): Promise<void> {
  const late: StoredLine[] = [];
  let lateBytes = 0;
  for await (const line of missedLines(context, missed, writer)) {
    late.push(line);
    lateBytes += line.bytes.length;
    while (late[0] !== undefined && (late[0].time < live.since - seamMs || lateBytes > longestSeam)) {
      lateBytes -= late[0].bytes.length;
      await put(writer, late.shift());
    }
  }
  await pause(arrivalMs, undefined, { signal: missed.signal });
  const skip = { stdout: overlapIn(late, live, "stdout"), stderr: overlapIn(late, live, "stderr") };
  for (const line of late) await put(writer, line);
  await copyBehind(live, { skip, writer, now: context.now });
}

/** Lines that are older than the connection by more than this are in the log alone. */
const seamMs = 2_000;
const longestSeam = 8 * 1024 * 1024;
/** What the engine has written to its log is on its way to us, too. */
const arrivalMs = 50;

async function put(writer: LogWriter, line: StoredLine | undefined): Promise<void> {
  if (line !== undefined) await writer.write(line.stream, line.bytes, line.time);
}

async function* missedLines(
  context: EngineContext,
  { id, container, signal }: Missed,
  writer: LogWriter,
): AsyncIterable<StoredLine> {
  const read = async function* (sinceMs?: number): AsyncIterable<StoredLine> {
    const since = sinceMs === undefined ? {} : { since: new Date(Math.max(0, sinceMs)).toISOString() };
    const lines = readContainerLog(context.docker, container, { ...since, follow: false, signal });
    for await (const { time, stream, data } of lines) yield { time: Date.parse(time), stream, bytes: data };
  };
  const absence = (): void => writer.writeAbsence(context.now());
  yield* newLines({ read, absence, stored: await storedOutput(context.logs, id, writer) });
}

async function storedOutput(logs: LogStore, id: string, writer: LogWriter) {
  await writer.flush();
  const { stdout, stderr } = writer.position();
  const [head, out, err] = await Promise.all([
    logs.head(id),
    logs.tail(id, "stdout", tailBytes),
    logs.tail(id, "stderr", tailBytes),
  ]);
  const counts = { stdout, stderr };
  return {
    counts,
    head,
    tails: { stdout: out, stderr: err },
    lastTime: (await logs.look(id))?.lastTime ?? 0,
  };
}

const tailBytes = 1024;

function overlapIn(late: readonly StoredLine[], live: LiveOutput, stream: StreamName): number {
  const lines = late.filter((line) => line.stream === stream);
  const before = lines.filter((line) => line.time < live.since);
  const expected = before.reduce((sum, line) => sum + line.bytes.length, 0);
  const log = Buffer.concat(lines.map((line) => line.bytes));
  return overlapOf({ log, expected, live: live.waiting(stream) });
}

async function copyBehind(
  live: LiveOutput,
  options: {
    readonly skip: { stdout: number; stderr: number };
    readonly writer: LogWriter;
    readonly now: () => number;
  },
): Promise<void> {
  const { skip, writer, now } = options;
  for await (const { stream, data } of live.take()) {
    const known = Math.min(skip[stream], data.length);
    skip[stream] -= known;
    if (known < data.length) await writer.write(stream, data.subarray(known), now());
  }
}
