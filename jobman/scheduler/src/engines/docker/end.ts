import { removeContainer, stopContainer } from "@workstation/docker";
import type { EngineContext } from "./context.ts";
import { findContainers } from "./job-objects.ts";

/** Stops a job's containers and waits until none runs; removes them unless `keep` and there is something to keep. */
export async function endJob(
  context: EngineContext,
  id: string,
  options: { readonly graceSeconds: number; readonly keep: boolean },
): Promise<void> {
  const containers = await findContainers(context.docker, context.instance, id);
  await Promise.all(
    containers.map(async (container) => {
      await stopContainer(context.docker, container.id, options.graceSeconds);
      const neverRan = container.startedAt === undefined && container.status === "created";
      if (!options.keep || neverRan) await removeContainer(context.docker, container.id);
    }),
  );
}
