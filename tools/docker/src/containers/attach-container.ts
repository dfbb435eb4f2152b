import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { daemonUnavailable } from "../connect.ts";
import { ask } from "./docker-fault.ts";
import { type OutputFrame, readOutputFrames } from "./log-frames.ts";

/**
 * A container's output from now on as it is written, unfinished lines too; for one that was not started yet, all of
 * it. Resolves when the engine has answered. The container waits for a slow reader. Ends with the container, and also
 * when the engine goes away; throws `ENGINE_UNAVAILABLE` when the connection breaks.
 */
export async function attachToContainer(
  docker: DockerConnection,
  id: string,
  signal: AbortSignal,
): Promise<AsyncIterable<OutputFrame>> {
  const options = { stream: true, stdout: true, stderr: true, abortSignal: signal };
  const stream = await ask(() => docker.getContainer(id).attach(options as { readonly stream: true }));
  return readAttached(stream as unknown as Readable, signal);
}

async function* readAttached(stream: Readable, signal: AbortSignal): AsyncIterable<OutputFrame> {
  try {
    yield* readOutputFrames(stream);
  } catch (error) {
    signal.throwIfAborted();
    throw daemonUnavailable(error);
  } finally {
    stream.destroy();
  }
  signal.throwIfAborted();
}
