import { exitCodes, formatBytes, UserError } from "@workstation/cli";
import { type Site, type SiteFlavor, slotSize } from "@workstation/site";
import type { OfferedFlavor } from "../../capacity.ts";

/** What a node offers to pods. */
export interface NodeOffer {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Extended resources, such as GPUs, by their names. */
  readonly extended: Readonly<Record<string, number>>;
}

/** The nodes that take jobs now, of `known` in all. */
export interface NodeOffers {
  readonly nodes: readonly NodeOffer[];
  readonly known: number;
}

/** A job flavor on a cluster. */
export interface ClusterFlavor extends OfferedFlavor {
  /** What is set aside for a slot: all that it may use, where the nodes have that for every slot. */
  readonly requestedCores: number;
}

/**
 * The site's job flavors on these nodes. A slot gives no more than the largest node that it may be on, and where all slots
 * together want more than all nodes have, each gets less. A cluster without a node yet is taken at the site's word; one
 * whose nodes take no jobs now has no slots. Throws `FLAVORS_DO_NOT_FIT` where the site is strict.
 */
export function clusterFlavors(
  site: Pick<Site, "flavors" | "limits" | "kubernetes">,
  offers: NodeOffers,
): readonly ClusterFlavor[] {
  const jobFlavors = site.flavors.filter((flavor) => flavor.kind === "job");
  const usable = jobFlavors.map((flavor) => usableSlots(site, flavor, offers));
  const slots = usable.reduce((sum, { count }) => sum + count, 0);
  const flavors = jobFlavors.map((flavor, index) => {
    const { count, missing } = usable[index] ?? { count: 0 };
    const nodes = offers.nodes.filter((node) => isFor(site, flavor, node));
    return offer(flavor, { nodes, all: offers.nodes, slots, usable: count, missing });
  });
  if (site.limits.strictFlavors) refuseLess(flavors);
  return flavors;
}

interface UsableSlots {
  readonly count: number;
  readonly missing?: string;
}

function usableSlots(
  site: Pick<Site, "kubernetes">,
  flavor: SiteFlavor,
  { nodes: all, known }: NodeOffers,
): UsableSlots {
  const nodes = all.filter((node) => isFor(site, flavor, node));
  if (known > 0 && nodes.length === 0) {
    const which =
      all.length === 0 ? `none of the cluster's ${known} nodes` : "no node with the flavor's labels";
    return { count: 0, missing: `${which} takes jobs now` };
  }
  const { resources = {} } = site.kubernetes.flavors[flavor.name] ?? {};
  const wanted = Object.entries(resources);
  if (flavor.gpu !== undefined && wanted.length === 0) {
    const missing = "site.yaml names no resource for its GPU (kubernetes.flavors)";
    return { count: 0, missing };
  }
  const [scarcest] = wanted
    .map(([name, each]) => {
      const there = nodes.reduce((sum, node) => sum + Math.floor((node.extended[name] ?? 0) / each), 0);
      return { name, there };
    })
    .sort((a, b) => a.there - b.there);
  if (scarcest === undefined || scarcest.there >= flavor.slots) return { count: flavor.slots };
  const missing = `the nodes have ${scarcest.name} for ${scarcest.there} of ${flavor.slots} slots`;
  return { count: scarcest.there, missing };
}

/** Whether a flavor's jobs may be on a node. */
function isFor({ kubernetes }: Pick<Site, "kubernetes">, flavor: SiteFlavor, { labels }: NodeOffer): boolean {
  const { nodeSelector = {} } = kubernetes.flavors[flavor.name] ?? {};
  return Object.entries(nodeSelector).every(([name, value]) => labels[name] === value);
}

function offer(
  flavor: SiteFlavor,
  here: {
    readonly nodes: readonly NodeOffer[];
    /** Those of other flavors, too: their slots take of the same. */
    readonly all: readonly NodeOffer[];
    /** Of all flavors together. */
    readonly slots: number;
    readonly usable: number;
    readonly missing: string | undefined;
  },
): ClusterFlavor {
  const { nodes, all, slots, usable, missing } = here;
  const room = roomOf(nodes, all, flavor);
  const fair = slotSize(flavor, { cores: room.largestCores, memoryBytes: room.memoryBytes }, slots);
  const resources = { cores: fair.cores, memoryBytes: Math.min(fair.memoryBytes, room.largestMemory) };
  const notes = [...(missing === undefined ? [] : [missing]), ...lessNotes(flavor, resources)];
  return {
    name: flavor.name,
    slots: flavor.slots,
    usableSlots: usable,
    timeLimitSeconds: flavor.timeLimit ?? 0,
    promised: { cores: flavor.cores, memoryBytes: flavor.memory },
    resources,
    requestedCores: Math.min(resources.cores, (coreShare * room.cores) / Math.max(1, slots)),
    ...(flavor.gpu === undefined ? {} : { gpu: { model: flavor.gpu.model, memoryBytes: flavor.gpu.memory } }),
    ...(missing === undefined ? {} : { missing }),
    ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
  };
}

/** The rest is for what runs on every node. */
const coreShare = 0.9;
const nodeMemoryShare = 0.9;

function roomOf(nodes: readonly NodeOffer[], all: readonly NodeOffer[], flavor: SiteFlavor) {
  if (nodes.length === 0) {
    const { cores, memory } = flavor;
    const plenty = Number.MAX_SAFE_INTEGER;
    return { cores: plenty, memoryBytes: plenty, largestCores: cores, largestMemory: memory };
  }
  return {
    cores: all.reduce((sum, node) => sum + node.cores, 0),
    memoryBytes: all.reduce((sum, node) => sum + node.memoryBytes, 0),
    largestCores: Math.max(...nodes.map((node) => node.cores)),
    largestMemory: Math.floor(nodeMemoryShare * Math.max(...nodes.map((node) => node.memoryBytes))),
  };
}

function lessNotes(
  flavor: SiteFlavor,
  { cores, memoryBytes }: OfferedFlavor["resources"],
): readonly string[] {
  return [
    ...(cores < flavor.cores ? [`${cores} cores instead of ${flavor.cores}: no node has more`] : []),
    ...(memoryBytes < flavor.memory
      ? [
          `${formatBytes(memoryBytes)} memory instead of ${formatBytes(flavor.memory)}: the nodes have no more for each slot`,
        ]
      : []),
  ];
}

function refuseLess(flavors: readonly ClusterFlavor[]): void {
  const less = flavors.filter((flavor) => flavor.note !== undefined);
  if (less.length === 0) return;
  const list = less.map((flavor) => `${flavor.name} (${flavor.note})`).join(", ");
  throw new UserError("FLAVORS_DO_NOT_FIT", `the flavors of site.yaml do not fit this cluster: ${list}`, {
    hint: "change the flavors, or set limits.strictFlavors to false to run with less",
    exitCode: exitCodes.unavailable,
  });
}
