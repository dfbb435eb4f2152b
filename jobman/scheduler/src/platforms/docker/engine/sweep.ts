import { UserError } from "@workstation/cli";
import {
  type ContainerRow,
  daemonWords,
  listContainers,
  listUnusedVolumes,
  removeVolume,
} from "@workstation/docker";
import { pauseAfter } from "../../pause-after.ts";
import { instanceLabel, jobIdOf } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { emptyVolume } from "../machine/empty-scratch.ts";
import { ownNetworks, removeUnneededNetworks } from "../network/own-networks.ts";

/** Removes what jobs of ours left behind: nothing that a container which is still there could need. */
export async function sweep(context: EngineContext): Promise<void> {
  const label = instanceLabel(context.instance);
  const unused = await listUnusedVolumes(context.docker, label);
  const volumes = unused.filter((each) => jobIdOf(each.labels, context.instance) !== undefined);
  const networks = await ownNetworks(context);
  if (volumes.length === 0 && networks.length === 0 && context.stuckVolumes.size === 0) return;
  const containers = await listContainers(context.docker, label);
  await sweepVolumes(context, volumes, containers);
  await removeUnneededNetworks(context, networks, containers);
}

/**
 * `docker container prune` leaves volumes behind. One that cannot be removed keeps no other from being removed, and is
 * tried again after ever longer pauses.
 */
async function sweepVolumes(
  context: EngineContext,
  volumes: Awaited<ReturnType<typeof listUnusedVolumes>>,
  containers: readonly ContainerRow[],
): Promise<void> {
  const alive = new Set(containers.map((each) => jobIdOf(each.labels, context.instance)));
  for (const volume of volumes) {
    const id = jobIdOf(volume.labels, context.instance);
    if (id === undefined || alive.has(id) || context.creating.has(id)) continue;
    if ((context.stuckVolumes.get(volume.name)?.due ?? 0) > context.now()) continue;
    await removeOrPutOff(context, volume);
  }
  tellStuck(context, new Set(volumes.map(({ name }) => name)));
}

async function removeOrPutOff(
  context: EngineContext,
  volume: Awaited<ReturnType<typeof listUnusedVolumes>>[number],
): Promise<void> {
  try {
    await emptyVolume(context, volume.mountpoint);
    await removeVolume(context.docker, volume.name);
    context.stuckVolumes.delete(volume.name);
  } catch (fault) {
    if (fault instanceof UserError && fault.code === "ENGINE_UNAVAILABLE") throw fault;
    const failures = (context.stuckVolumes.get(volume.name)?.failures ?? 0) + 1;
    const due = context.now() + pauseAfter(failures);
    context.stuckVolumes.set(volume.name, { failures, due, words: daemonWords(fault) });
  }
}

function tellStuck({ stuckVolumes, onProblems }: EngineContext, there: ReadonlySet<string>): void {
  for (const name of stuckVolumes.keys()) if (!there.has(name)) stuckVolumes.delete(name);
  const [first] = stuckVolumes.values();
  const message = `${stuckVolumes.size} volumes of ended jobs cannot be removed, and take room: ${first?.words}`;
  onProblems("volumes", first === undefined ? [] : [{ message }]);
}
