import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { datasetIdPattern, stateFolders, userFolder, userNamePattern } from "@workstation/site";
import { z } from "zod";

/** A user of this machine's state folder. */
export interface KnownUser {
  readonly name: string;
  readonly ids: { readonly uid: number; readonly gid: number };
  /** Datasets that were granted. */
  readonly granted: readonly string[];
}

const userRecord = z.object({ uid: z.int(), gid: z.int(), datasets: z.array(z.string()) });

/** The user, who has a folder in the state folder; undefined when there is none of that name. Throws `USER_UNREADABLE`. */
export function findUser(state: string, name: string): KnownUser | undefined {
  const { record } = userFolder(state, name);
  if (!userNamePattern.test(name) || !existsSync(record)) return undefined;
  try {
    const { uid, gid, datasets } = userRecord.parse(JSON.parse(readFileSync(record, "utf8")));
    return { name, ids: { uid, gid }, granted: datasets };
  } catch (cause) {
    throw new UserError("USER_UNREADABLE", `${record} cannot be read`, {
      hint: "npm run scheduler -- user list says what is wrong with it",
      cause,
    });
  }
}

/** The same; throws `USER_UNKNOWN` too. */
export function knownUser(state: string, name: string): KnownUser {
  const user = findUser(state, name);
  if (user !== undefined) return user;
  throw new UserError("USER_UNKNOWN", `there is no user ${JSON.stringify(name)} in ${state}`, {
    hint: `npm run scheduler -- user add ${userNamePattern.test(name) ? name : "<name>"}`,
    exitCode: exitCodes.notFound,
  });
}

/**
 * The datasets, which the user was granted and which all lie in the state folder. Throws `DATASET_UNKNOWN` and
 * `DATASET_NOT_GRANTED`, naming those that there are: the datalake is mounted beside datasets, so an id in vain would
 * show it for nothing.
 */
export function knownDatasets(state: string, user: KnownUser, ids: readonly string[]): readonly string[] {
  const { datasets } = stateFolders(state);
  const unknown = ids.find((id) => !isDataset(state, id));
  if (unknown !== undefined) {
    throw new UserError("DATASET_UNKNOWN", `there is no dataset ${JSON.stringify(unknown)} in ${datasets}`, {
      hint: listed(existsSync(datasets) ? readdirSync(datasets) : []),
      exitCode: exitCodes.notFound,
    });
  }
  const refused = ids.find((id) => !user.granted.includes(id));
  if (refused === undefined) return ids;
  throw new UserError("DATASET_NOT_GRANTED", `${user.name} was not granted the dataset ${refused}`, {
    hint: `npm run scheduler -- user grant ${user.name} ${refused}`,
    exitCode: exitCodes.notAllowed,
  });
}

/** What the user was granted and is there. */
export function grantedDatasets(state: string, user: KnownUser): readonly string[] {
  return user.granted.filter((id) => isDataset(state, id));
}

function isDataset(state: string, id: string): boolean {
  return datasetIdPattern.test(id) && isFolder(join(stateFolders(state).datasets, id));
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
