import type { Site } from "@workstation/site";
import type { Machine } from "../../engine.ts";

/**
 * The ids of the GPUs that each job flavor's slots share on this machine, by the flavor's name. A whole device belongs to
 * one flavor: the first of the table that asks for its model and lacks devices.
 */
export function devicesOn(
  machine: Pick<Machine, "gpus">,
  site: Pick<Site, "flavors">,
): ReadonlyMap<string, readonly string[]> {
  const flavors = site.flavors.filter((flavor) => flavor.kind === "job");
  const named = new Set(flavors.flatMap((flavor) => flavor.gpu?.devices ?? []));
  const free = machine.gpus.filter((gpu) => !named.has(gpu.id));
  const present = new Set(machine.gpus.map((gpu) => gpu.id));
  const assigned = new Map<string, readonly string[]>();
  for (const flavor of flavors) {
    const { gpu } = flavor;
    if (gpu === undefined) continue;
    if (gpu.devices !== undefined) {
      assigned.set(
        flavor.name,
        gpu.devices.filter((id) => present.has(id)),
      );
      continue;
    }
    const fitting = free.filter((each) => fits(each, gpu)).slice(0, flavor.slots);
    for (const taken of fitting) free.splice(free.indexOf(taken), 1);
    assigned.set(
      flavor.name,
      fitting.map((each) => each.id),
    );
  }
  return assigned;
}

// Makers count a card's memory in GiB less what the driver keeps: 0.9 of the promised figure is that card.
function fits(
  device: Machine["gpus"][number],
  wanted: { readonly model: string; readonly memory: number },
): boolean {
  const sameModel = device.model.toLowerCase().includes(wanted.model.toLowerCase());
  return sameModel && device.memoryBytes >= wanted.memory * 0.9;
}
