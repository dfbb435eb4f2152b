import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";

/** Where all users' jobs share a namespace, a claim of one name is one home for all. Throws `HOMES_SHARED`. */
export function checkHomes({ kubernetes }: Pick<Site, "kubernetes">): void {
  const { claim, subPath = "" } = kubernetes.volumes.persistentHome;
  if (kubernetes.sharedNamespace === null || `${claim}/${subPath}`.includes("{user}")) return;
  throw new UserError("HOMES_SHARED", `all users' jobs would have one home, the claim ${claim}`, {
    hint: "put {user} into kubernetes.volumes.persistentHome of site.yaml, e.g. { claim: homes, subPath: '{user}' }",
  });
}
