import { setTimeout as pause } from "node:timers/promises";
import type { V1Node, V1NodeList } from "@kubernetes/client-node";
import type { Site } from "@workstation/site";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type ClusterFlavor, clusterFlavors, type NodeOffer, type NodeOffers } from "./cluster-flavors.ts";
import { readQuantity } from "./quantities.ts";

/** What the cluster offers now. */
export interface ClusterCapacity {
  flavors(): readonly ClusterFlavor[];
  nodes(): readonly NodeOffer[];
  /** The flavors now, and whenever the nodes change them, until `signal`. */
  follow(signal: AbortSignal): AsyncIterable<readonly ClusterFlavor[]>;
}

const lookEveryMs = 60_000;

/** Looks at the nodes, and again every minute. Throws `FLAVORS_DO_NOT_FIT` where the site is strict. */
export async function followNodes(
  connection: ClusterConnection,
  site: Site,
  onFault: (fault: unknown) => void,
): Promise<ClusterCapacity> {
  let offers = await listNodes(connection);
  let flavors = clusterFlavors(site, offers);
  return {
    flavors: () => flavors,
    nodes: () => offers.nodes,
    follow: async function* (signal) {
      yield flavors;
      while (!signal.aborted) {
        await pause(lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
        if (signal.aborted) return;
        try {
          offers = await listNodes(connection);
          const now = clusterFlavors({ ...site, limits: { ...site.limits, strictFlavors: false } }, offers);
          if (JSON.stringify(now) === JSON.stringify(flavors)) continue;
          flavors = now;
          yield flavors;
        } catch (fault) {
          onFault(fault);
        }
      }
    },
  };
}

async function listNodes(connection: ClusterConnection): Promise<NodeOffers> {
  const { items } = await connection.ask<V1NodeList>("GET", paths.nodes());
  return { nodes: items.filter(takesJobs).map(offerOf), known: items.length };
}

function takesJobs({ spec, status }: V1Node): boolean {
  const ready = status?.conditions?.some(({ type, status: holds }) => type === "Ready" && holds === "True");
  return ready === true && spec?.unschedulable !== true;
}

function offerOf({ metadata, status }: V1Node): NodeOffer {
  const { cpu, memory, ...others } = status?.allocatable ?? {};
  const extended = Object.entries(others).filter(([name]) => name.includes("/"));
  return {
    name: metadata?.name ?? "",
    labels: metadata?.labels ?? {},
    cores: readQuantity(cpu),
    memoryBytes: readQuantity(memory),
    extended: Object.fromEntries(extended.map(([name, amount]) => [name, readQuantity(amount)])),
  };
}
