import type { Duplex, Readable, Writable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { ask } from "./docker-fault.ts";
import { readOutputFrames } from "./log-frames.ts";
import { type StartOutcome, startContainer } from "./run-container.ts";
import { waitForContainer } from "./wait-container.ts";

/** The streams of a person who sits in front of a container, or of a program. */
export interface Streams {
  readonly stdin: Readable & { setRawMode?(raw: boolean): unknown };
  readonly stdout: Writable & { readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable;
}

/** How an attached run went: not started, in the engine's words, or ended by itself. */
export type AttachedEnd =
  | Exclude<StartOutcome, { readonly outcome: "started" }>
  | { readonly exitCode: number };

/**
 * Starts a container that was made `interactive` and connects it with these streams until it has ended. With a terminal
 * every key goes to the container, Ctrl-C too. Aborting `signal` lets go of it and leaves it running.
 */
export async function runAttached(
  docker: DockerConnection,
  id: string,
  {
    streams,
    terminal,
    signal,
  }: { readonly streams: Streams; readonly terminal: boolean; readonly signal: AbortSignal },
): Promise<AttachedEnd> {
  const options = { stream: true, stdin: true, stdout: true, stderr: true, hijack: true };
  const attached = (await ask(() => docker.getContainer(id).attach(options))) as unknown as Duplex;
  const release = terminal ? takeTerminal(docker, id, streams) : () => undefined;
  try {
    const started = await startContainer(docker, id);
    if (started.outcome !== "started") return started;
    streams.stdout.emit("resize");
    streams.stdin.pipe(attached);
    await Promise.race([passOn(attached, streams, terminal), aborted(signal)]);
    return { exitCode: await waitForContainer(docker, id, signal) };
  } finally {
    release();
    streams.stdin.unpipe(attached);
    streams.stdin.pause();
    attached.destroy();
  }
}

async function passOn(attached: Duplex, streams: Streams, terminal: boolean): Promise<void> {
  if (terminal) {
    for await (const bytes of attached) await write(streams.stdout, bytes as Buffer);
    return;
  }
  for await (const frame of readOutputFrames(attached)) await write(streams[frame.stream], frame.data);
}

async function write(target: Writable, bytes: Buffer): Promise<void> {
  if (target.write(bytes)) return;
  await new Promise((resolve) => target.once("drain", resolve));
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** Keys as they are typed, and the container's terminal as large as the person's. */
function takeTerminal(docker: DockerConnection, id: string, { stdin, stdout }: Streams): () => void {
  const resize = (): void => {
    const { columns, rows } = stdout;
    if (columns === undefined || rows === undefined) return;
    // Of a container that has just ended: nothing depends on it.
    docker
      .getContainer(id)
      .resize({ w: columns, h: rows })
      .catch(() => undefined);
  };
  stdin.setRawMode?.(true);
  stdout.on("resize", resize);
  return () => {
    stdout.off("resize", resize);
    stdin.setRawMode?.(false);
  };
}
