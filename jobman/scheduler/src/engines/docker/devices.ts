import { listContainers } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { AdmissionRequest } from "../engine.ts";
import type { EngineContext } from "./context.ts";
import { instanceLabel } from "./job-objects.ts";

/** Chooses a GPU for each job that needs one: the first of its flavor that neither runs a job nor is being given to one. */
export async function claimDevices(
  context: EngineContext,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, string>> {
  const needy = requests.filter((request) => request.resources.devices.length > 0);
  const chosen = new Map<string, string>();
  if (needy.length === 0) return chosen;
  const running = await devicesInUse(context);
  for (const { spec, resources } of needy) {
    const taken = new Set([...running, ...context.claimed.values()]);
    const device = resources.devices.find((each) => !taken.has(each));
    if (device === undefined) continue;
    chosen.set(spec.id, device);
    context.claimed.set(spec.id, device);
  }
  return chosen;
}

export function releaseDevice(context: EngineContext, id: string): void {
  context.claimed.delete(id);
}

async function devicesInUse(context: EngineContext): Promise<readonly string[]> {
  const rows = await listContainers(context.docker, instanceLabel(context.instance));
  return rows
    .filter((row) => !["created", "exited", "dead"].includes(row.status))
    .flatMap((row) => row.labels[containerLabels.device] ?? []);
}
