import type { Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import type { SlotResources } from "../../engine.ts";
import type { ResourcesAt } from "../api/server-version.ts";
import { jobContainer } from "./names.ts";

/** A job, and what its slot gives it now: at most `cores`, of which `requestedCores` are set aside. */
export interface SlotOrder {
  readonly spec: Pick<JobSpec, "flavor">;
  readonly slot: SlotResources & { readonly requestedCores: number };
}

/**
 * What makes a held Job start, and gives it what its slot has now: a flavor that was changed reaches jobs that wait.
 * `version`: of the object that was decided on; another one is refused by the API server.
 */
export function admissionPatch(
  order: SlotOrder,
  {
    site,
    version,
    resourcesAt,
  }: {
    readonly site: Pick<Site, "kubernetes">;
    readonly version: string;
    readonly resourcesAt: ResourcesAt;
  },
) {
  return {
    metadata: { resourceVersion: version },
    spec: {
      suspend: false,
      ...(resourcesAt === "admission" ? { template: { spec: slotParts(order, site) } } : {}),
    },
  };
}

/** What of a pod's specification its slot decides: what it may take, and where. */
export function slotParts({ spec, slot }: SlotOrder, { kubernetes }: Pick<Site, "kubernetes">) {
  const { resources: extended = {}, nodeSelector: own = {} } = kubernetes.flavors[spec.flavor] ?? {};
  const { nodeSelector: common, tolerations } = kubernetes.jobTemplate;
  const nodeSelector = { ...(typeof common === "object" ? common : {}), ...own };
  const fixed = {
    memory: String(Math.floor(slot.memoryBytes)),
    ...Object.fromEntries(Object.entries(extended).map(([name, count]) => [name, String(count)])),
  };
  const resources = {
    requests: { cpu: milliCores(slot.requestedCores), ...fixed },
    limits: { cpu: milliCores(slot.cores), ...fixed },
  };
  return {
    containers: [{ name: jobContainer, resources }],
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    // Whoever comes by kubectl may not ask for these, and needs them like everybody else.
    ...(tolerations === undefined ? {} : { tolerations }),
  };
}

function milliCores(cores: number): string {
  return `${Math.max(1, Math.round(cores * 1000))}m`;
}
