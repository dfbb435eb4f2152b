import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { datasetIdPattern, stateFolders, userFolder, userNamePattern } from "@workstation/site";

/** The user, who has a folder in the state folder. Throws `USER_UNKNOWN`. */
export function knownUser(state: string, name: string): string {
  if (userNamePattern.test(name) && existsSync(userFolder(state, name).record)) return name;
  throw new UserError("USER_UNKNOWN", `there is no user ${JSON.stringify(name)} in ${state}`, {
    hint: "jobman-scheduler user add <name>",
    exitCode: exitCodes.notFound,
  });
}

/**
 * The datasets, which all lie in the state folder. Throws `DATASET_UNKNOWN`, naming those that there are: the datalake
 * is mounted beside datasets, so an id in vain would show it for nothing.
 */
export function knownDatasets(state: string, ids: readonly string[]): readonly string[] {
  const { datasets } = stateFolders(state);
  const unknown = ids.find((id) => !datasetIdPattern.test(id) || !isFolder(join(datasets, id)));
  if (unknown === undefined) return ids;
  throw new UserError("DATASET_UNKNOWN", `there is no dataset ${JSON.stringify(unknown)} in ${datasets}`, {
    hint: listed(existsSync(datasets) ? readdirSync(datasets) : []),
    exitCode: exitCodes.notFound,
  });
}

const mostListed = 20;

function listed(ids: readonly string[]): string {
  if (ids.length === 0) return "there is none yet";
  const more = ids.length > mostListed ? `, and ${ids.length - mostListed} more` : "";
  return `datasets: ${ids.toSorted().slice(0, mostListed).join(", ")}${more}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
