import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { daemonUnavailable } from "../connect.ts";
import { ask } from "./docker-fault.ts";

/** Something that happened to a container. */
export interface ContainerEvent {
  readonly action: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Subscribes to what happens to containers with the label (`name=value`); resolves once the engine has answered, and
 * then yields, also what happened since `sinceSeconds` of the engine's clock. Ends only by throwing: `ENGINE_UNAVAILABLE` when
 * the connection is lost, or the reason of `signal`.
 */
export async function subscribeToContainers(
  docker: DockerConnection,
  filter: { readonly label: string; readonly sinceSeconds: number },
  signal: AbortSignal,
): Promise<AsyncIterable<ContainerEvent>> {
  const stream = (await ask(() =>
    docker.getEvents({
      since: filter.sinceSeconds,
      filters: { type: ["container"], label: [filter.label] },
      abortSignal: signal,
    }),
  )) as unknown as Readable;
  return readEvents(stream, signal);
}

/** The engine's clock, in whole seconds since the epoch. */
export async function daemonTime(docker: DockerConnection): Promise<number> {
  const info = (await ask(() => docker.info())) as { readonly SystemTime?: string };
  return Math.floor(Date.parse(info.SystemTime ?? new Date().toISOString()) / 1000);
}

async function* readEvents(stream: Readable, signal: AbortSignal): AsyncIterable<ContainerEvent> {
  const stop = (): void => void stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const line of createInterface({ input: stream })) {
      if (line !== "") yield parseEvent(line);
    }
  } catch (error) {
    signal.throwIfAborted();
    throw daemonUnavailable(error);
  } finally {
    signal.removeEventListener("abort", stop);
    stream.destroy();
  }
  signal.throwIfAborted();
  throw daemonUnavailable("it closed the stream of events");
}

function parseEvent(line: string): ContainerEvent {
  const event = JSON.parse(line) as {
    readonly Action: string;
    readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  };
  return { action: event.Action, id: event.Actor.ID, labels: event.Actor.Attributes };
}
