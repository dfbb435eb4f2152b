import { UserError } from "@workstation/cli";
import { clusterAnnotations, clusterLabels, type Site } from "@workstation/site";
import type { User } from "../../user.ts";
import { clusterUser } from "./cluster-user.ts";

/** What stands on a namespace. */
export interface NamespaceNotes {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whose a namespace is, or why that cannot be used; neither for one that is nobody's. */
export interface NamespaceReading {
  readonly user?: User;
  readonly problem?: string;
}

/** Reads whose a namespace is, by the rules for users that an operator names. */
export function readUser(
  { name, labels, annotations }: NamespaceNotes,
  site: Pick<Site, "limits">,
): NamespaceReading {
  const user = labels[clusterLabels.user];
  // One for the jobs of all.
  if (user === undefined) return {};
  const { uid, gid, datasets } = clusterAnnotations;
  const request = { name: user, uid: annotations[uid] ?? "", gid: annotations[gid] ?? "" };
  try {
    return { user: clusterUser(site, { ...request, datasets: annotations[datasets] ?? "" }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const where = error.code === "INVALID_UID" ? ` (annotations ${uid} and ${gid})` : "";
    return { problem: `namespace ${name} cannot be used: ${error.message}${where}; ${error.hint}` };
  }
}
