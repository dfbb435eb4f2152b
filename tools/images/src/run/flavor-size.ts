import { formatBytes, UserError } from "@workstation/cli";
import { type Site, type SiteFlavor, slotSize } from "@workstation/site";
import type { RunMachine } from "./run-machine.ts";

/** What the queue would give a job of the flavor; a desktop shares with no slot. */
export function sizeOn(site: Pick<Site, "flavors">, flavor: SiteFlavor, machine: RunMachine) {
  const used = site.flavors.filter((each) => each.kind === "job" && (each.gpu === undefined || machine.gpus));
  const slots = flavor.kind === "job" ? used.reduce((sum, each) => sum + each.slots, 0) : 1;
  const size = slotSize(flavor, machine, slots);
  return { ...size, burstCores: Math.min(flavor.burstCores ?? size.cores, machine.cores) };
}

/** Throws `FLAVOR_UNKNOWN`, naming those that there are. */
export function flavorNamed(site: Pick<Site, "flavors">, name: string): SiteFlavor {
  const flavor = site.flavors.find((each) => each.name === name);
  if (flavor !== undefined) return flavor;
  throw new UserError("FLAVOR_UNKNOWN", `there is no flavor "${name}"`, {
    hint: `flavors: ${site.flavors.map((each) => each.name).join(", ")}`,
  });
}

/** The flavor of a container for which none was named. Throws `FLAVOR_NEEDED`. */
export function usualFlavor(site: Pick<Site, "flavors" | "defaults">, kind: SiteFlavor["kind"]): string {
  if (kind === "job") return site.defaults.flavor;
  const desktop = site.flavors.find((each) => each.kind === "desktop");
  if (desktop !== undefined) return desktop.name;
  throw new UserError("FLAVOR_NEEDED", "site.yaml has no flavor of kind desktop", {
    hint: "add one, or name a flavor with --flavor",
  });
}

/** What a flavor promises and this machine cannot give, as a sentence; undefined when it can. */
export function clampSentence(
  site: Pick<Site, "flavors">,
  name: string,
  machine: RunMachine,
): string | undefined {
  const flavor = flavorNamed(site, name);
  const size = sizeOn(site, flavor, machine);
  const less = [
    ...(size.cores < flavor.cores ? [`${size.cores} cores instead of ${flavor.cores}`] : []),
    ...(size.memoryBytes < flavor.memory
      ? [`${formatBytes(size.memoryBytes)} memory instead of ${formatBytes(flavor.memory)}`]
      : []),
  ];
  return less.length === 0 ? undefined : `${name} has ${less.join(" and ")} on this machine`;
}
