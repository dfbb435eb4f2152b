import { hasStatus } from "../../../jobman/scheduler/src/platforms/kubernetes/api/cluster-error.ts";
import type { ClusterConnection } from "../../../jobman/scheduler/src/platforms/kubernetes/api/connection.ts";
import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { admissionPatch } from "../../../jobman/scheduler/src/platforms/kubernetes/objects/admission-patch.ts";
import { flavorName } from "./bench-site.ts";
import { insist, type LoadJob } from "./connect.ts";

/** Lets one Job go with the very request that the scheduler sends. */
export async function admitOne(connection: ClusterConnection, { metadata }: LoadJob): Promise<void> {
  const { namespace, name, resourceVersion: version } = metadata;
  const order = {
    spec: { flavor: flavorName(0) },
    slot: { cores: 1, memoryBytes: 1e9, requestedCores: 1 },
  };
  const site = { kubernetes: { flavors: {} } };
  const body = admissionPatch(order, { site: site as never, version, resourcesAt: "admission" });
  await insist(() =>
    connection.ask("PATCH", paths.job(namespace, name), { body }).catch((error: unknown) => {
      // Carried out before, and its answer lost.
      if (!hasStatus(error, 409)) throw error;
    }),
  );
}
