import { UserError } from "@workstation/cli";
import { datasetIdPattern } from "./names.ts";
import type { Site } from "./schema.ts";

/** What a desktop or a job sees of its user's and the site's data. Where that lies is the platform's to say. */
export interface Volume {
  readonly content: VolumeContent;
  readonly target: string;
  readonly readOnly: boolean;
}

export type VolumeContent =
  | { readonly kind: "persistent-home"; readonly user: string }
  | { readonly kind: "shared-folder" }
  | { readonly kind: "dataset"; readonly id: string }
  | { readonly kind: "datalake" }
  /** The folder of the user's socket, never the socket itself: a scheduler that starts again makes a new one. */
  | { readonly kind: "jobman-socket"; readonly user: string };

/** The paths that exist inside every desktop and job: the contract with the researcher. */
export function containerPaths(site: Pick<Site, "user">) {
  const home = `/home/${site.user.name}`;
  return {
    home,
    datasets: `${home}/datasets`,
    persistentHome: `${home}/persistent-home`,
    sharedFolder: `${home}/persistent-shared-folder`,
    applicationExamples: `${home}/application-examples`,
    datalake: "/mnt/datalake",
    /** Where a desktop finds the folder with its user's socket. */
    jobmanSocketFolder: "/run/jobman",
    /** Where a container finds the secrets that it was given, each a file. */
    secrets: "/run/secrets",
  } as const;
}

/**
 * What a desktop or a job of `user` sees: the user's persistent home and the shared folder to write, each dataset and,
 * with one, the datalake to read. Throws `DATASET_INVALID` for an id that could name another path.
 */
export function volumesFor(
  site: Pick<Site, "user">,
  request: { readonly user: string; readonly datasets: readonly string[] },
): readonly Volume[] {
  const inside = containerPaths(site);
  const writable = (content: VolumeContent, target: string) => ({ content, target, readOnly: false });
  const readable = (content: VolumeContent, target: string) => ({ content, target, readOnly: true });
  const datasets = request.datasets.map((id) =>
    readable({ kind: "dataset", id: checkedId(id) }, `${inside.datasets}/${id}`),
  );
  return [
    writable({ kind: "persistent-home", user: request.user }, inside.persistentHome),
    writable({ kind: "shared-folder" }, inside.sharedFolder),
    ...datasets,
    ...(datasets.length === 0 ? [] : [readable({ kind: "datalake" }, inside.datalake)]),
  ];
}

function checkedId(id: string): string {
  if (datasetIdPattern.test(id)) return id;
  throw new UserError("DATASET_INVALID", `${JSON.stringify(id.slice(0, 80))} is not a dataset id`, {
    hint: "an id has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
  });
}
