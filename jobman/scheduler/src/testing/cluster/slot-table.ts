import type { Site } from "@workstation/site";
import { clusterFlavors } from "../../platforms/kubernetes/capacity/cluster-flavors.ts";
import type { HistoryEvent } from "../../platforms/kubernetes/testing/history.ts";
import type { Flavors } from "./cluster-platform.ts";

/** The flavors that replicas are told, and what was so when. */
export function slotTable(site: Site) {
  let flavors = clusterFlavors(site, { nodes: [], known: 0 });
  const changes: { readonly at: number; readonly flavors: typeof flavors }[] = [{ at: 0, flavors }];
  const listeners = new Set<() => void>();
  const source: Flavors = {
    now: () => flavors,
    follow: async function* (signal) {
      yield flavors;
      while (!signal.aborted) {
        await new Promise<void>((resolve) => {
          listeners.add(resolve);
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
        yield flavors;
      }
    },
  };
  return {
    flavors: source,
    set: (name: string, slots: number): void => {
      flavors = flavors.map((each) => (each.name === name ? { ...each, slots, usableSlots: slots } : each));
      changes.push({ at: Date.now(), flavors });
      for (const listener of listeners) listener();
      listeners.clear();
    },
    /** What was decided before a change may be seen after it. */
    at: (name: string, { seenAt }: HistoryEvent): number => {
      const [last, ...earlier] = changes.filter(({ at }) => at <= seenAt).toReversed();
      const recent = [last, ...(seenAt - (last?.at ?? 0) < underWayMs ? earlier.slice(0, 1) : [])];
      return Math.max(
        ...recent.map((change) => change?.flavors.find((each) => each.name === name)?.usableSlots ?? 0),
      );
    },
  };
}

const underWayMs = 500;
