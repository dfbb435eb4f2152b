import type { V1ConfigMap } from "@kubernetes/client-node";
import type { Site } from "@workstation/site";
import { hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";

/** What the chart has written for the policies, by its keys; undefined where there is no chart. Throws `ClusterError`. */
export async function readQueueRules(
  connection: Pick<ClusterConnection, "ask">,
  { kubernetes }: Pick<Site, "kubernetes">,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const path = paths.configMap(kubernetes.namespace, "queue-rules");
    return (await connection.ask<V1ConfigMap>("GET", path)).data ?? {};
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
