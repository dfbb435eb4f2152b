import type { Site } from "@workstation/site";
import type { UserManifest } from "./manifest.ts";

/** Of what a cluster makes a user's persistent home. */
export interface Storage {
  /** Absent: the cluster's usual one. */
  readonly homeClass?: string;
  /** `100Gi` where nothing is said. */
  readonly homeSize?: string;
}

interface Owner {
  readonly namespace: string;
  readonly user: string;
  readonly storage: Storage;
}

/**
 * The claims of a user's namespace: a home of its own, and the site's places, each bound to the volume called
 * `<namespace>-<claim>` that the operator has made for it. A claim for each dataset (`{id}` in its name) is the operator's.
 */
export function storageClaims({ kubernetes: { volumes } }: Site, owner: Owner): readonly UserManifest[] {
  const { persistentHome, sharedFolder, datasets, datalake } = volumes;
  const shared = [
    { volume: sharedFolder, mode: "ReadWriteMany" },
    { volume: datasets, mode: "ReadOnlyMany" },
    { volume: datalake, mode: "ReadOnlyMany" },
  ];
  const claims = new Map<string, UserManifest>();
  for (const { volume, mode } of shared) {
    if (volume === null || volume.claim.includes("{id}")) continue;
    const name = claimName(volume.claim, owner);
    const bound = { storageClassName: "", volumeName: `${owner.namespace}-${name}` };
    // One claim may hold several places, of which the first may be the one that is written to.
    if (!claims.has(name)) claims.set(name, claim(name, owner, { mode, size: "1Gi", ...bound }));
  }
  const home = claimName(persistentHome.claim, owner);
  const { homeClass, homeSize = "100Gi" } = owner.storage;
  const of = homeClass === undefined ? {} : { storageClassName: homeClass };
  if (!claims.has(home))
    claims.set(home, claim(home, owner, { mode: "ReadWriteMany", size: homeSize, ...of }));
  return [...claims.values()];
}

function claimName(template: string, { user }: Owner): string {
  return template.replaceAll("{user}", user);
}

function claim(
  name: string,
  { namespace }: Owner,
  {
    mode,
    size,
    ...bound
  }: {
    readonly mode: string;
    readonly size: string;
    readonly storageClassName?: string;
    readonly volumeName?: string;
  },
): UserManifest {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace },
    spec: { accessModes: [mode], resources: { requests: { storage: size } }, ...bound },
  };
}
