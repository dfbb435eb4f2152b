import { loadSite } from "@workstation/site";
import { checkHomes } from "../platforms/kubernetes/users/check-homes.ts";
import { clusterUser } from "../platforms/kubernetes/users/cluster-user.ts";
import { desktopSettings } from "../platforms/kubernetes/users/desktop-settings.ts";
import { userManifests } from "../platforms/kubernetes/users/user-manifests.ts";
import { standardSiteFile } from "./options.ts";
import type { Output } from "./output.ts";

export interface ManifestOptions {
  readonly site?: string;
  readonly uid: string;
  readonly gid?: string;
  readonly datasets?: string;
  readonly homeSize?: string;
  readonly homeClass?: string;
  readonly url?: string;
  readonly caFile?: string;
}

/** `jobman-scheduler user manifests`: a list for `kubectl apply`; nothing is asked of the cluster. */
export function runUserManifests(name: string, options: ManifestOptions, output: Output): void {
  const site = loadSite(options.site ?? standardSiteFile);
  checkHomes(site);
  const user = clusterUser(site, { ...options, name });
  const items = [...userManifests(site, user, options), ...desktopSettings(site, user.name, options)];
  output.data(`${JSON.stringify({ apiVersion: "v1", kind: "List", items }, null, 2)}\n`);
  output.note(
    `${items.length} objects of ${user.name} (uid ${user.uid}); apply them with: kubectl apply -f -`,
  );
}
