import { UserError } from "@workstation/cli";
import {
  type ContainerRow,
  engineWords,
  listContainers,
  listNetworks,
  listUnusedVolumes,
  type NetworkRow,
  removeUnusedNetwork,
  removeVolume,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { pauseAfter } from "../../pause-after.ts";
import type { EngineContext } from "../context.ts";
import { emptyVolume } from "./empty-scratch.ts";
import { instanceLabel, jobIdOf } from "./job-objects.ts";

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
    context.stuckVolumes.set(volume.name, { failures, due, words: engineWords(fault) });
  }
}

function tellStuck({ stuckVolumes, onProblems }: EngineContext, there: ReadonlySet<string>): void {
  for (const name of stuckVolumes.keys()) if (!there.has(name)) stuckVolumes.delete(name);
  const [first] = stuckVolumes.values();
  const message = `${stuckVolumes.size} volumes of ended jobs cannot be removed, and take room: ${first?.words}`;
  onProblems("volumes", first === undefined ? [] : [{ message }]);
}

/** A user's network goes with the user's last container of `containers`; a next one makes it again. */
export async function removeUnneededNetworks(
  context: EngineContext,
  networks: readonly NetworkRow[],
  containers: readonly ContainerRow[],
): Promise<void> {
  const owners = new Set(containers.map((each) => each.labels[containerLabels.owner]));
  for (const network of networks) {
    if (owners.has(network.labels[containerLabels.owner])) continue;
    await context.alone(() => removeUnusedNetwork(context.docker, network.id));
  }
}

/** The networks of the instance. */
export async function ownNetworks(context: EngineContext): Promise<readonly NetworkRow[]> {
  const networks = await listNetworks(context.docker);
  return networks.filter(
    ({ labels }) =>
      labels[containerLabels.instance] === context.instance && labels[containerLabels.kind] === "network",
  );
}
