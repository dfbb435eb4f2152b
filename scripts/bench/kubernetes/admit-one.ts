import { dirname, join } from "node:path";
import { loadSite } from "@workstation/site";
import type { ClusterConnection } from "../../../jobman/scheduler/src/platforms/kubernetes/api/connection.ts";
import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { admissionPatch } from "../../../jobman/scheduler/src/platforms/kubernetes/objects/admission-patch.ts";
import { flavorName } from "./bench-site.ts";
import { insist, type LoadJob } from "./connect.ts";

/** How one Job is let go with the very request that the scheduler sends. The load's site lies beside the account's file. */
export function admitterFor(
  connection: ClusterConnection,
  accountFile: string,
): (job: LoadJob) => Promise<void> {
  const site = loadSite(join(dirname(accountFile), "site.yaml"));
  const order = {
    spec: { flavor: flavorName(0) },
    slot: { cores: 1, memoryBytes: 1e9, requestedCores: 1 },
  };
  return async ({ metadata: { namespace, name, resourceVersion: version } }) => {
    const body = admissionPatch(order, { site, version, resourcesAt: "admission" });
    await insist(() => connection.ask("PATCH", paths.job(namespace, name), { body }));
  };
}
