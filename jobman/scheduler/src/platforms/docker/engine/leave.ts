import { listContainers } from "@workstation/docker";
import { instanceLabel } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { removeFirewall } from "../network/firewall.ts";
import { ownNetworks, removeUnneededNetworks } from "../network/own-networks.ts";

/**
 * Takes networks and firewall rules away that no job needs any more; what a waiting or running job could use stays, and
 * the next scheduler finds it. For the end of a scheduler: it makes again what is missing.
 */
export async function leave(context: EngineContext): Promise<void> {
  const networks = await ownNetworks(context);
  if (context.site.network.services.length === 0 && networks.length === 0) return;
  const containers = await listContainers(context.docker, instanceLabel(context.instance));
  const needing = containers.filter((each) => each.status !== "exited" && each.status !== "dead");
  await removeUnneededNetworks(context, networks, needing);
  if (needing.length === 0) await removeFirewall(context.instance);
}
