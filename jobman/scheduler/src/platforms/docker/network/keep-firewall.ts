import { listContainers } from "@workstation/docker";
import { instanceLabel } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { ensureFirewall, isFirewallWhole, type ServiceAddress } from "./firewall.ts";
import { ownNetworks } from "./own-networks.ts";
import { resolveServices } from "./services.ts";

/**
 * Puts the rules around jobs back where something of the machine took them away, and tells the operator when a job ran
 * without them. Where they cannot be put back, that is said each time, and no job is stopped for it.
 */
export async function keepFirewall(context: EngineContext): Promise<void> {
  const services = await resolveServices(context);
  if (context.site.network.services.length === 0) return;
  await context.inTurn(async () => {
    // Rules come before the first network, so a network without them has lost them.
    if ((await ownNetworks(context)).length === 0 || (await isFirewallWhole(context.instance))) return;
    const containers = await listContainers(context.docker, instanceLabel(context.instance));
    const failure = await putBack(context.instance, services);
    // A reboot takes rules away, and every job that ran.
    if (!containers.some((each) => each.status === "running")) return;
    const message = `the firewall rules of instance ${context.instance} had been removed while jobs ran, which had the whole network; ${whatCame(failure, context.now())}`;
    context.report(new Error(message), "firewall");
    context.onProblems("firewall", [{ message }]);
  });
}

async function putBack(instance: string, services: readonly ServiceAddress[]): Promise<Error | undefined> {
  try {
    await ensureFirewall(instance, services);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

function whatCame(failure: Error | undefined, now: number): string {
  if (failure !== undefined) return `they still have it: ${failure.message}`;
  const at = new Date(now).toISOString();
  return `put back at ${at} (connections that were opened meanwhile stay): find what flushes or restores iptables on this machine; this is said until the scheduler is started again`;
}
