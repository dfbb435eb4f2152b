import type { Site } from "@workstation/site";
import { stringify } from "yaml";

/** What of a site its chart needs, as `site:` in values.yaml. */
export interface SiteValues {
  readonly namespace: string;
  readonly defaultFlavor: string;
  /** Those that jobs can have; seconds. */
  readonly flavors: readonly { readonly name: string; readonly timeLimit: number }[];
  readonly startTimeout: number;
  readonly stopGrace: number;
  readonly retention: number;
  /** Whether pods get a user namespace of their own. */
  readonly ownUserNamespace: boolean;
  /** Repositories of the family, and what else may be run. */
  readonly images: readonly string[];
  readonly places: readonly string[];
  /** All of site.yaml, which the scheduler reads. */
  readonly file: string;
}

/** Every fact of a site that the chart repeats. `family`: the names under which the family's images may be run. */
export function siteValues(site: Site, family: readonly string[], file: string): SiteValues {
  const { kubernetes, limits, retention, defaults, images } = site;
  const jobs = site.flavors.filter(({ kind }) => kind === "job");
  return {
    namespace: kubernetes.namespace,
    defaultFlavor: defaults.flavor,
    flavors: jobs.map(({ name, timeLimit = 0 }) => ({ name, timeLimit })),
    startTimeout: kubernetes.startTimeout,
    stopGrace: limits.stopGrace,
    retention: retention.endedJobs,
    ownUserNamespace: kubernetes.hostUsers === false,
    images: images.allowed.flatMap((each) => (each === "family" ? family : [each])),
    places: places(site),
    file,
  };
}

/** As they stand in values.yaml. */
export function siteValuesText(values: SiteValues): string {
  return stringify({ site: values }, { lineWidth: 0 });
}

/**
 * What a job may mount, a line each: claim, path in it (`-`: the whole), `write` or `read`. One that has `{id}` in it
 * is there once for each dataset of the user: without one the datalake is not there either.
 */
function places({ kubernetes: { volumes } }: Site): readonly string[] {
  const rows = [
    [volumes.persistentHome, "write"],
    [volumes.sharedFolder, "write"],
    [volumes.datasets, "read"],
    [volumes.datalake, "read {id}"],
  ] as const;
  return rows.flatMap(([volume, use]) =>
    volume === null ? [] : [`${volume.claim} ${volume.subPath ?? "-"} ${use}`],
  );
}
