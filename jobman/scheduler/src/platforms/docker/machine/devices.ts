import { listContainers } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { AdmissionRequest } from "../../engine.ts";
import { instanceLabel } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";

type DeviceContext = Pick<EngineContext, "docker" | "instance" | "devices" | "claimed" | "claiming">;

/** Chooses a GPU for each job that needs one: the first of its flavor that neither runs a job nor is being given to one. */
export async function claimDevices(
  context: DeviceContext,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, string>> {
  const needy = requests.filter((request) => request.gpu !== undefined);
  if (needy.length === 0) return new Map();
  return await context.claiming(async () => {
    // Whoever is started while the list is under way is not in it, and may have let go of the claim when it arrives.
    const claimedBefore = [...context.claimed.values()];
    const running = await devicesInUse(context);
    return chooseDevices(context, needy, [...running, ...claimedBefore]);
  });
}

function chooseDevices(
  context: DeviceContext,
  requests: readonly AdmissionRequest[],
  inUse: readonly string[],
): ReadonlyMap<string, string> {
  const chosen = new Map<string, string>();
  for (const { spec } of requests) {
    const taken = new Set([...inUse, ...context.claimed.values()]);
    const device = context.devices.get(spec.flavor)?.find((each) => !taken.has(each));
    if (device === undefined) continue;
    chosen.set(spec.id, device);
    context.claimed.set(spec.id, device);
  }
  return chosen;
}

export function releaseDevice(context: Pick<EngineContext, "claimed">, id: string): void {
  context.claimed.delete(id);
}

async function devicesInUse(context: DeviceContext): Promise<readonly string[]> {
  const rows = await listContainers(context.docker, instanceLabel(context.instance));
  return rows
    .filter((row) => !["created", "exited", "dead"].includes(row.status))
    .flatMap((row) => row.labels[containerLabels.device] ?? []);
}
