import { UserError } from "@workstation/cli";
import type { ClusterConnection } from "./connection.ts";
import { paths } from "./paths.ts";

/** When a Job is told what its slot gives: a suspended one can be told at its admission since Kubernetes 1.36. */
export type ResourcesAt = "admission" | "creation";

/** What follows from the API server's version. */
export interface ServerVersion {
  readonly text: string;
  readonly resourcesAt: ResourcesAt;
}

/** The oldest whose Jobs tell pods that are going from those that are gone (`podReplacementPolicy`). */
const oldest = 34;
/** Since when a suspended Job may be given other resources (KEP-5440). */
const mutableResources = 36;

/** Asks the API server. Throws `CLUSTER_TOO_OLD`. */
export async function readServerVersion(connection: ClusterConnection): Promise<ServerVersion> {
  const { major, minor, gitVersion } = await connection.ask<{
    readonly major: string;
    readonly minor: string;
    readonly gitVersion: string;
  }>("GET", paths.version());
  const release = Number(major) * 1000 + Number.parseInt(minor, 10);
  // One that cannot be read is no number, and not newer.
  if (!(release >= 1000 + oldest)) {
    throw new UserError("CLUSTER_TOO_OLD", `the API server is ${gitVersion}`, {
      hint: `Kubernetes 1.${oldest} or newer is needed`,
    });
  }
  return { text: gitVersion, resourcesAt: release >= 1000 + mutableResources ? "admission" : "creation" };
}
