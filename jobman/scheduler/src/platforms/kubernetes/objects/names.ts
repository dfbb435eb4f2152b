import { createHash } from "node:crypto";
import type { Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";

type Spaces = Pick<Site, "kubernetes">;

/** The one container of a job's pod. */
export const jobContainer = "job";

/** Where a user's jobs are. */
export function namespaceOf({ kubernetes }: Spaces, owner: string): string {
  return kubernetes.sharedNamespace ?? `${kubernetes.namespacePrefix}${owner}`;
}

/**
 * What a job's object is called: by its own name, which its owner may then have once, because the API server takes a name
 * once. Where all share a namespace the owner is in it, too; both are DNS labels of at most 63 characters.
 */
export function objectName(site: Spaces, { owner, name }: Pick<JobSpec, "owner" | "name">): string {
  if (site.kubernetes.sharedNamespace === null) return name;
  return `${name.slice(0, 54).replace(/-+$/, "")}-${hash(`${owner}/${name}`)}`;
}

/** What holds the environment that a job's owner gave. */
export function environmentName(object: string, id: string): string {
  return `${object.slice(0, 200)}-env-${hash(id)}`;
}

/** The ledger of a flavor's slots. */
export function slotLedgerName(instance: string, flavor: string): string {
  return `${instance}-slots-${flavor}`;
}

/**
 * Where the ledger of a user's active jobs is: beside the jobs, where rules of the API server can read it, or with the
 * scheduler where all users share a namespace.
 */
export function userLedgerPlace(
  { kubernetes }: Spaces,
  instance: string,
  user: string,
): { readonly namespace: string; readonly name: string } {
  if (kubernetes.sharedNamespace !== null) {
    return { namespace: kubernetes.namespace, name: `${instance}-active-${user}` };
  }
  return { namespace: `${kubernetes.namespacePrefix}${user}`, name: `${instance}-active-jobs` };
}

/** The right to decide. */
export function leaseName(instance: string): string {
  return `${instance}-scheduler`;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
