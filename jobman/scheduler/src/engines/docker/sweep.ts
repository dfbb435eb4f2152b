import { listContainers, listUnusedVolumes, removeVolume } from "@workstation/docker";
import type { EngineContext } from "./context.ts";
import { instanceLabel, jobIdOf } from "./job-objects.ts";

/** Removes volumes of ours whose job's containers are gone: `docker container prune` leaves them behind. */
export async function sweepVolumes(context: EngineContext): Promise<void> {
  const label = instanceLabel(context.instance);
  const unused = await listUnusedVolumes(context.docker, label);
  if (unused.length === 0) return;
  const rows = await listContainers(context.docker, label);
  const alive = new Set(rows.map((row) => jobIdOf(row.labels, context.instance)));
  for (const volume of unused) {
    const id = jobIdOf(volume.labels, context.instance);
    if (id === undefined || alive.has(id) || context.creating.has(id)) continue;
    await removeVolume(context.docker, volume.name);
  }
}
