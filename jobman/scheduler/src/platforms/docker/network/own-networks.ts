import { type ContainerRow, listNetworks, type NetworkRow, removeUnusedNetwork } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { EngineContext } from "../context.ts";

/** A user's network goes with the user's last container of `containers`; a next one makes it again. */
export async function removeUnneededNetworks(
  context: EngineContext,
  networks: readonly NetworkRow[],
  containers: readonly ContainerRow[],
): Promise<void> {
  const owners = new Set(containers.map((each) => each.labels[containerLabels.owner]));
  for (const network of networks) {
    if (owners.has(network.labels[containerLabels.owner])) continue;
    await context.inTurn(() => removeUnusedNetwork(context.docker, network.id));
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
