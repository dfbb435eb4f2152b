import type { DockerConnection } from "../connect.ts";
import { ask, askUnlessMissing, daemonWords, statusOf } from "./docker-fault.ts";
import { inspectContainer } from "./inspect-container.ts";

/** What became of a start. `unchanged`: it already ran; `refused`: the engine could not start it, in its words. */
export type StartOutcome =
  | { readonly outcome: "started" | "unchanged" | "missing" }
  | { readonly outcome: "refused"; readonly message: string };

/** Starts a container. Throws `ENGINE_UNAVAILABLE` when the answer was lost: it may run or not. */
export async function startContainer(docker: DockerConnection, id: string): Promise<StartOutcome> {
  try {
    const abortSignal = AbortSignal.timeout(startTimeout);
    await ask(() => docker.getContainer(id).start({ abortSignal } as object));
    return { outcome: "started" };
  } catch (error) {
    const status = statusOf(error);
    if (status === 304) return { outcome: "unchanged" };
    if (status === 404 && /no such container/i.test(daemonWords(error))) return { outcome: "missing" };
    if (status === 409) return { outcome: "missing" }; // "marked for removal"
    if (status === undefined) throw error;
    return { outcome: "refused", message: daemonWords(error) };
  }
}

/** Sends TERM, waits `graceSeconds`, sends KILL; resolves when it no longer runs, also when it never did. */
export async function stopContainer(
  docker: DockerConnection,
  id: string,
  graceSeconds: number,
): Promise<void> {
  await askUnlessMissing(async () => {
    try {
      await docker.getContainer(id).stop({ t: Math.max(0, Math.ceil(graceSeconds)) });
    } catch (error) {
      if (statusOf(error) !== 304) throw error;
    }
  });
}

/** Removes a container that does not run, with its own volumes; resolves when it is gone, whoever removed it. */
export async function removeContainer(docker: DockerConnection, id: string): Promise<void> {
  try {
    await askUnlessMissing(() => docker.getContainer(id).remove({ v: true }));
  } catch (error) {
    if (statusOf(error) !== 409 || !/already in progress/i.test(daemonWords(error))) throw error;
    await askUnlessMissing(() => docker.getContainer(id).wait({ condition: "removed" }));
    const left = await inspectContainer(docker, id);
    if (left !== undefined && left.status !== "removing") throw error;
  }
}

const startTimeout = 300_000;
