import { createHash } from "node:crypto";
import type { V1Volume, V1VolumeMount } from "@kubernetes/client-node";
import { UserError } from "@workstation/cli";
import type { Site, Volume } from "@workstation/site";

type Claim = NonNullable<Site["kubernetes"]["volumes"]["datasets"]>;
type Content = Volume["content"];

/**
 * What a job sees of its user's data, as claims of its namespace. What the site says there is none of is left out, but for
 * datasets, which were asked for: throws `DATASETS_NOT_HERE`.
 */
export function claimVolumes(
  site: Pick<Site, "kubernetes">,
  volumes: readonly Volume[],
  owner: string,
): { readonly volumes: V1Volume[]; readonly mounts: V1VolumeMount[] } {
  const claims = new Map<string, V1Volume>();
  const mounts = volumes.flatMap(({ content, target, readOnly }): V1VolumeMount[] => {
    const place = placeOf(site, content);
    if (place === undefined) return [];
    const fill = filler(content, owner);
    const claimName = fill(place.claim);
    const name = volumeName(claimName, readOnly);
    claims.set(name, { name, persistentVolumeClaim: { claimName, readOnly } });
    const subPath = place.subPath === undefined ? {} : { subPath: fill(place.subPath) };
    return [{ name, mountPath: target, readOnly, ...subPath }];
  });
  return { volumes: [...claims.values()], mounts };
}

function placeOf({ kubernetes }: Pick<Site, "kubernetes">, content: Content): Claim | undefined {
  const { persistentHome, sharedFolder, datasets, datalake } = kubernetes.volumes;
  switch (content.kind) {
    case "persistent-home":
      return persistentHome;
    case "shared-folder":
      return sharedFolder ?? undefined;
    case "datalake":
      return datalake ?? undefined;
    case "dataset":
      if (datasets !== null) return datasets;
      throw new UserError("DATASETS_NOT_HERE", "this cluster has no datasets", {
        hint: "submit with --datasets '' (kubernetes.volumes.datasets in site.yaml names where they lie)",
      });
    case "jobman-socket":
      return undefined;
  }
}

/** Ids and names are checked long before this, and none of them holds a brace or a slash. */
function filler(content: Content, owner: string): (text: string) => string {
  const id = content.kind === "dataset" ? content.id : "";
  return (text) => text.replaceAll("{user}", owner).replaceAll("{id}", id);
}

/** A claim may have a longer name than a volume. */
function volumeName(claim: string, readOnly: boolean): string {
  const hash = createHash("sha256").update(claim).digest("hex").slice(0, 12);
  return `data-${hash}-${readOnly ? "ro" : "rw"}`;
}
