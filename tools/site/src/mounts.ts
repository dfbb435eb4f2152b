import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { datasetIdPattern } from "./names.ts";
import { stateFolders, userFolder } from "./places.ts";
import type { Site } from "./schema.ts";

/** A folder of the host that a desktop or a job sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

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
  } as const;
}

/**
 * What a desktop or a job of `user` sees of the host: the user's persistent home and the shared folder to write,
 * each dataset and the datalake to read. Throws `DATASET_INVALID` for an id that could name another path.
 */
export function mountsFor(
  site: Pick<Site, "user">,
  state: string,
  request: { readonly user: string; readonly datasets: readonly string[] },
): readonly Mount[] {
  const inside = containerPaths(site);
  const folders = stateFolders(state);
  const datasets = request.datasets.map((id) => ({
    source: join(folders.datasets, checkedId(id)),
    target: `${inside.datasets}/${id}`,
    readOnly: true,
  }));
  return [
    {
      source: userFolder(state, request.user).persistentHome,
      target: inside.persistentHome,
      readOnly: false,
    },
    { source: folders.sharedFolder, target: inside.sharedFolder, readOnly: false },
    ...datasets,
    ...(datasets.length === 0 ? [] : [{ source: folders.datalake, target: inside.datalake, readOnly: true }]),
  ];
}

function checkedId(id: string): string {
  if (datasetIdPattern.test(id)) return id;
  throw new UserError("DATASET_INVALID", `${JSON.stringify(id.slice(0, 80))} is not a dataset id`, {
    hint: "an id has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
  });
}
