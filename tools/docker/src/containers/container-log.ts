import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { daemonUnavailable } from "../connect.ts";
import { ask } from "./docker-fault.ts";
import { type LogFrame, readFrames } from "./log-frames.ts";
import { dropRepeats } from "./log-repeats.ts";

/** One line of a container's output as its engine kept it. */
export interface ContainerLine {
  /** RFC 3339 with nine digits behind the point, UTC: sorts as text. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** With its line end when it had one. */
  readonly data: Buffer;
}

/** Which part of it, and how long. */
export interface LogRequest {
  /** A line's time, itself included. */
  readonly since?: string;
  /** That many lines at the end alone, for which the engine need not read the rest; a long one counts once a 16 KiB. */
  readonly tail?: number;
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * A container's output, line by line, in the order the engine wrote it; with `follow` until it no longer runs. The engine
 * keeps lines in pieces of 16 KiB, which are joined again up to `longestLine`. Throws `ENGINE_UNAVAILABLE` when the connection breaks.
 */
export async function* readContainerLog(
  docker: DockerConnection,
  id: string,
  options: LogRequest,
): AsyncIterable<ContainerLine> {
  const stream = await openLog(docker, id, options);
  try {
    yield* dropRepeats(joinLines(readFrames(stream)));
  } catch (error) {
    options.signal.throwIfAborted();
    throw daemonUnavailable(error);
  } finally {
    stream.destroy();
  }
  options.signal.throwIfAborted();
}

/** Longer lines come in pieces of this many bytes. */
export const longestLine = 1024 * 1024;

async function openLog(docker: DockerConnection, id: string, options: LogRequest): Promise<Readable> {
  const query = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow: options.follow,
    ...(options.tail === undefined ? {} : { tail: options.tail }),
    ...(options.since === undefined ? {} : { since: sinceParameter(options.since) }),
  };
  // `follow` outside the query makes dockerode hand over the stream instead of gathering all of it.
  const asStream = { follow: true, _query: query, abortSignal: options.signal };
  return (await ask(() =>
    docker.getContainer(id).logs(asStream as { readonly follow: true }),
  )) as unknown as Readable;
}

/** The engine takes seconds and nanoseconds with a point between them. */
function sinceParameter(time: string): string {
  const [, fraction = "0"] = /\.(\d+)/.exec(time) ?? [];
  return `${Math.floor(Date.parse(time) / 1000)}.${fraction.padEnd(9, "0")}`;
}

async function* joinLines(frames: AsyncIterable<LogFrame>): AsyncIterable<ContainerLine> {
  const open = new Map<LogFrame["stream"], { time: string; parts: Buffer[]; length: number }>();
  for await (const frame of frames) {
    const line = open.get(frame.stream) ?? { time: frame.time, parts: [], length: 0 };
    line.parts.push(frame.data);
    line.length += frame.data.length;
    if (frame.data.at(-1) === lineEnd || line.length >= longestLine) {
      open.delete(frame.stream);
      yield toLine(frame.stream, line);
    } else {
      open.set(frame.stream, line);
    }
  }
  for (const [stream, line] of open) yield toLine(stream, line);
}

const lineEnd = 10;

function toLine(
  stream: LogFrame["stream"],
  line: { readonly time: string; readonly parts: readonly Buffer[] },
): ContainerLine {
  return { time: line.time, stream, data: Buffer.concat(line.parts) };
}
