import { exitCodes, formatBytes, UserError } from "@workstation/cli";
import { type Site, type SiteFlavor, slotSize } from "@workstation/site";
import type { OfferedFlavor } from "../../capacity.ts";
import type { Machine, SlotResources } from "../../engine.ts";
import { devicesOn } from "./devices-on.ts";

/**
 * The site's job flavors on this machine. A slot never gives more than the machine has: cores at most the
 * machine's, memory at most 0.8 of the machine's divided by all usable slots. Throws `FLAVORS_DO_NOT_FIT`
 * where the site is strict.
 */
export function flavorsOn(
  machine: Machine,
  site: Pick<Site, "flavors" | "limits">,
): readonly OfferedFlavor[] {
  const jobFlavors = site.flavors.filter((flavor) => flavor.kind === "job");
  const devices = devicesOn(machine, site);
  const usable = jobFlavors.map((flavor) => usableSlots(flavor, devices));
  const all = usable.reduce((sum, slots) => sum + slots, 0);
  const flavors = jobFlavors.map((flavor, index) =>
    clamp(flavor, {
      machine,
      all,
      usable: usable[index] ?? 0,
    }),
  );
  if (site.limits.strictFlavors) refuseClamped(flavors);
  return flavors;
}

function usableSlots(flavor: SiteFlavor, devices: ReadonlyMap<string, readonly string[]>): number {
  return flavor.gpu === undefined ? flavor.slots : (devices.get(flavor.name)?.length ?? 0);
}

function clamp(
  flavor: SiteFlavor,
  here: {
    readonly machine: Machine;
    /** Usable slots of all flavors together. */
    readonly all: number;
    readonly usable: number;
  },
): OfferedFlavor {
  const { machine, all, usable } = here;
  const { cores, memoryBytes } = slotSize(flavor, machine, all);
  const resources = { cores, memoryBytes: usable === 0 ? flavor.memory : memoryBytes };
  const missing = missingDevices(flavor, here);
  const notes = [...(missing === undefined ? [] : [missing]), ...clampNotes(flavor, resources, machine)];
  return {
    name: flavor.name,
    slots: flavor.slots,
    usableSlots: usable,
    timeLimitSeconds: flavor.timeLimit ?? 0,
    promised: { cores: flavor.cores, memoryBytes: flavor.memory },
    resources,
    ...(flavor.gpu === undefined ? {} : { gpu: { model: flavor.gpu.model, memoryBytes: flavor.gpu.memory } }),
    ...(missing === undefined ? {} : { missing }),
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
  };
}

function missingDevices(
  flavor: SiteFlavor,
  here: { readonly machine: Machine; readonly usable: number },
): string | undefined {
  if (flavor.gpu === undefined || here.usable >= flavor.slots) return undefined;
  const wanted = `${flavor.gpu.model} ${formatBytes(flavor.gpu.memory)}`;
  if (here.machine.gpus.length === 0) {
    return `no GPU on this machine: ${here.machine.gpuNote ?? "none was found"}`;
  }
  return `only ${here.usable} of ${flavor.slots} devices (${wanted}) are on this machine`;
}

function clampNotes(flavor: SiteFlavor, resources: SlotResources, machine: Machine): readonly string[] {
  const notes: string[] = [];
  if (resources.cores < flavor.cores) {
    notes.push(`${resources.cores} cores instead of ${flavor.cores}: the machine has ${machine.cores}`);
  }
  if (resources.memoryBytes < flavor.memory) {
    const given = formatBytes(resources.memoryBytes);
    const here = formatBytes(machine.memoryBytes);
    notes.push(`${given} memory instead of ${formatBytes(flavor.memory)}: the machine has ${here}`);
  }
  return notes;
}

function refuseClamped(flavors: readonly OfferedFlavor[]): void {
  const clamped = flavors.filter((flavor) => flavor.note !== undefined);
  if (clamped.length === 0) return;
  const list = clamped.map((flavor) => `${flavor.name} (${flavor.note})`).join(", ");
  throw new UserError("FLAVORS_DO_NOT_FIT", `the flavors of site.yaml do not fit this machine: ${list}`, {
    hint: "change the flavors, or set limits.strictFlavors to false to run with less",
    exitCode: exitCodes.unavailable,
  });
}
