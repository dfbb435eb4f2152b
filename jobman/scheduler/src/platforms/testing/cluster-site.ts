import { join } from "node:path";
import { loadSite, type Site } from "@workstation/site";

/** The image that jobs of tests name where none runs. */
export const clusterImage = "registry.example.org/tool:1";

const committed = loadSite(join(import.meta.dirname, "../../../../../site.yaml"));

/** The committed site with two slots of `no-gpu`, a short grace and a cap that is out of the way, where `parts` say nothing else. */
export function clusterSite(parts: { readonly slots?: number; readonly cap?: number } = {}): Site {
  const { slots = 2, cap = 100 } = parts;
  return {
    ...committed,
    flavors: committed.flavors.map((flavor) => (flavor.name === "no-gpu" ? { ...flavor, slots } : flavor)),
    limits: { ...committed.limits, maxActiveJobsPerUser: cap, stopGrace: 2 },
    images: { allowed: ["family", clusterImage] },
  };
}
