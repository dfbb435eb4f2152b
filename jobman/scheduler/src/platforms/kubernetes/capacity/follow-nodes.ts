import { setTimeout as pause } from "node:timers/promises";
import type { V1Node } from "@kubernetes/client-node";
import type { Site } from "@workstation/site";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { readFitting } from "../api/read-page.ts";
import { type ClusterFlavor, clusterFlavors, type NodeOffer, type NodeOffers } from "./cluster-flavors.ts";
import { readQuantity } from "./quantities.ts";

/** What the cluster offers now. */
export interface ClusterCapacity {
  flavors(): readonly ClusterFlavor[];
  /** Of all nodes that take jobs. */
  total(): { readonly cores: number; readonly memoryBytes: number; readonly gpus: number };
  /** As some seconds ago, at most. */
  images(): Promise<HeldImages>;
  /** The flavors now, and whenever the nodes, looked at every so often, change them; until `signal`. */
  follow(signal: AbortSignal, everyMs?: number): AsyncIterable<readonly ClusterFlavor[]>;
}

/** The bytes of each image that some node holds, by all names that nodes give it, digests among them. */
export type HeldImages = ReadonlyMap<string, number>;

const usuallyEveryMs = 60_000;
/** However often somebody asks, the nodes are not looked at more often for it. */
const freshMs = 10_000;

/** Looks at the nodes, and again every minute. Throws `FLAVORS_DO_NOT_FIT` where the site is strict. */
export async function followNodes(
  connection: ClusterConnection,
  site: Site,
  onFault: (fault: unknown) => void,
): Promise<ClusterCapacity> {
  let now = await listNodes(connection);
  let lookedAt = performance.now();
  let flavors = clusterFlavors(site, now);
  let looking: Promise<void> | undefined;
  const look = (): Promise<void> => {
    looking ??= listNodes(connection)
      .then((seen) => {
        now = seen;
        lookedAt = performance.now();
      })
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  const lenient = { ...site, limits: { ...site.limits, strictFlavors: false } };
  return {
    flavors: () => flavors,
    total: () => totalOf(now.nodes, site),
    images: async () => {
      if (performance.now() - lookedAt > freshMs) await look().catch(onFault);
      return now.images;
    },
    follow: async function* (signal, everyMs = usuallyEveryMs) {
      yield flavors;
      while (!signal.aborted) {
        await pause(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
        if (signal.aborted) return;
        try {
          await look();
          const next = clusterFlavors(lenient, now);
          if (JSON.stringify(next) === JSON.stringify(flavors)) continue;
          flavors = next;
          yield flavors;
        } catch (fault) {
          onFault(fault);
        }
      }
    },
  };
}

interface SeenNodes extends NodeOffers {
  readonly images: HeldImages;
}

/** A node tells of 50 images, 20 kB: a page of them is a few megabytes, of which little is kept. */
const pageSize = 100;

async function listNodes(connection: ClusterConnection): Promise<SeenNodes> {
  const nodes: NodeOffer[] = [];
  const images = new Map<string, number>();
  let known = 0;
  let part: { readonly limit: number; readonly continue: string | undefined } = {
    limit: pageSize,
    continue: undefined,
  };
  do {
    const { limit, metadata, ...page } = await readFitting(connection, { path: paths.nodes(), ...part });
    const items = page.items as readonly V1Node[];
    known += items.length;
    nodes.push(...items.filter(takesJobs).map(offerOf));
    for (const { names, sizeBytes = 0 } of items.flatMap(({ status }) => status?.images ?? [])) {
      for (const name of names ?? []) images.set(name, sizeBytes);
    }
    part = { limit, continue: metadata.continue };
  } while (part.continue !== undefined && part.continue !== "");
  return { nodes, known, images };
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

/** GPUs are what flavors with one ask for by name, whole or in parts. */
function totalOf(
  nodes: readonly NodeOffer[],
  { flavors, kubernetes }: Pick<Site, "flavors" | "kubernetes">,
): ReturnType<ClusterCapacity["total"]> {
  const withGpu = flavors.filter(({ gpu }) => gpu !== undefined);
  const names = new Set(
    withGpu.flatMap(({ name }) => Object.keys(kubernetes.flavors[name]?.resources ?? {})),
  );
  const gpusOf = ({ extended }: NodeOffer) => sumOf([...names], (name) => extended[name] ?? 0);
  return {
    cores: sumOf(nodes, ({ cores }) => cores),
    memoryBytes: sumOf(nodes, ({ memoryBytes }) => memoryBytes),
    gpus: sumOf(nodes, gpusOf),
  };
}

function sumOf<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((sum, item) => sum + amount(item), 0);
}
