import {
  type ContainerRow,
  listContainers,
  listNetworks,
  listUnusedVolumes,
  type NetworkRow,
  removeUnusedNetwork,
  removeVolume,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { EngineContext } from "../context.ts";
import { instanceLabel, jobIdOf } from "./job-objects.ts";

/** Removes what jobs of ours left behind: nothing that a container which is still there could need. */
export async function sweep(context: EngineContext): Promise<void> {
  const label = instanceLabel(context.instance);
  const unused = await listUnusedVolumes(context.docker, label);
  const volumes = unused.filter((each) => jobIdOf(each.labels, context.instance) !== undefined);
  const networks = await ownNetworks(context);
  if (volumes.length === 0 && networks.length === 0) return;
  const containers = await listContainers(context.docker, label);
  await sweepVolumes(context, volumes, containers);
  await removeUnneededNetworks(context, networks, containers);
}

/** `docker container prune` leaves volumes behind. */
async function sweepVolumes(
  context: EngineContext,
  volumes: Awaited<ReturnType<typeof listUnusedVolumes>>,
  containers: readonly ContainerRow[],
): Promise<void> {
  const alive = new Set(containers.map((each) => jobIdOf(each.labels, context.instance)));
  for (const volume of volumes) {
    const id = jobIdOf(volume.labels, context.instance);
    if (id === undefined || alive.has(id) || context.creating.has(id)) continue;
    await removeVolume(context.docker, volume.name);
  }
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
