import { removeContainer, stopContainer } from "@workstation/docker";
import { findContainers } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { emptyScratch } from "../machine/empty-scratch.ts";
import { resumeCapture } from "../output/capture.ts";

/** Stops a job's containers and waits until none runs; what is not kept is removed. */
export async function endJob(
  context: EngineContext,
  id: string,
  options: { readonly graceSeconds: number; readonly keep: boolean | "log" },
): Promise<void> {
  try {
    await endContainers(context, id, options);
  } finally {
    if (options.keep === false) await forgetLog(context, id);
  }
}

async function endContainers(
  context: EngineContext,
  id: string,
  { keep, graceSeconds }: Parameters<typeof endJob>[2],
): Promise<void> {
  const containers = await findContainers(context.docker, context.instance, id);
  await Promise.all(
    containers.map(async (container) => {
      await stopContainer(context.docker, container.id, graceSeconds);
      const ran = container.startedAt !== undefined;
      if (ran && keep === "log") {
        await resumeCapture(context, id, container.id);
        await context.captures.get(id)?.done;
      }
      const neverRan = !ran && container.status === "created";
      if (keep === true && !neverRan) return;
      if (ran) await emptyScratch(context, id);
      await removeContainer(context.docker, container.id);
    }),
  );
}

async function forgetLog(context: EngineContext, id: string): Promise<void> {
  const capture = context.captures.get(id);
  capture?.stop();
  await capture?.done;
  await context.logs.remove(id);
}
