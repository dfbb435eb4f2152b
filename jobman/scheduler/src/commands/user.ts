import { resolve } from "node:path";
import { formatTable, UserError } from "@workstation/cli";
import { loadSite, type Places } from "@workstation/site";
import { prepareState } from "../platforms/docker/lead/prepare-state.ts";
import { readUsers } from "../platforms/docker/users/read-users.ts";
import { addUser, changeDatasets, type UserStore } from "../platforms/docker/users/write-users.ts";
import type { User } from "../platforms/user.ts";
import { adminRoutes } from "../status/admin-protocol.ts";
import { askScheduler, findScheduler } from "./ask-scheduler.ts";
import { checkPlaces } from "./check-places.ts";
import { ownUid, type PlaceOptions, placesOf, standardSiteFile } from "./options.ts";
import type { Output } from "./output.ts";

export interface UserOptions extends PlaceOptions {
  /** Default: that of the scheduler which serves these places, else the project's own. */
  readonly site?: string;
  readonly json?: boolean;
}

/** `jobman-scheduler user add` */
export async function runUserAdd(
  name: string,
  options: UserOptions & { readonly uid?: string; readonly datasets?: string },
  output: Output,
): Promise<void> {
  const uid = options.uid === undefined ? undefined : readUid(options.uid);
  const request = { name, datasets: options.datasets ?? "", ...(uid === undefined ? {} : { uid }) };
  checkPlaces(placesOf(options));
  const store = await userStore(options);
  const { user, changed } = await addUser(store, request);
  const problems = await prepareState(store.state, ownUid());
  await tellScheduler(options);
  output.data(options.json ? `${JSON.stringify(user)}\n` : `${user.name}\n`);
  output.note(changed ? `added ${describeUser(user)}` : `is there already: ${describeUser(user)}`);
  for (const problem of problems) output.note(`warning: ${problem}`);
}

/** `jobman-scheduler user grant` and `user revoke` */
export async function runUserDatasets(
  change: "grant" | "revoke",
  request: { readonly name: string; readonly datasets: string; readonly options: UserOptions },
  output: Output,
): Promise<void> {
  const { name, datasets, options } = request;
  const { user } = await changeDatasets(await userStore(options), { name, datasets, change });
  await tellScheduler(options);
  output.data(options.json ? `${JSON.stringify(user)}\n` : `${user.datasets.join(",")}\n`);
  output.note(`granted now: ${describeUser(user)}`);
}

/** `jobman-scheduler user list` */
export async function runUserList(options: UserOptions, output: Output): Promise<void> {
  const { state, site, ownUid } = await userStore(options);
  const { users, problems } = await readUsers(state, { ownUid, lowestId: site.limits.lowestId });
  const all = [...users.values()];
  if (options.json) output.data(`${JSON.stringify({ apiVersion: "v1", users: all })}\n`);
  else {
    const rows = all.map((user) => [user.name, String(user.uid), user.datasets.join(",") || "-"]);
    output.data(formatTable(["USER", "UID", "DATASETS"], rows));
  }
  for (const problem of problems) output.note(`warning: ${problem}`);
}

async function userStore(options: UserOptions): Promise<UserStore> {
  const places = placesOf(options);
  const file = options.site ?? (await servedSiteFile(places)) ?? standardSiteFile;
  return { state: places.state, site: loadSite(file), ownUid: ownUid() };
}

/** Whom the scheduler serves, and with which ids, its own site file says. */
async function servedSiteFile({ state, run }: Places): Promise<string | undefined> {
  const served = await findScheduler(run);
  return served?.state === resolve(state) ? served.siteFile : undefined;
}

// A scheduler that does not run reads the users when it starts.
async function tellScheduler(options: UserOptions): Promise<void> {
  try {
    await askScheduler(placesOf(options).run, "POST", adminRoutes.rescanUsers);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "SCHEDULER_NOT_RUNNING") throw error;
  }
}

function readUid(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new UserError("INVALID_UID", `${JSON.stringify(text)} is not a user id`, {
    hint: "a number such as 20000",
  });
}

function describeUser(user: User): string {
  const datasets = user.datasets.length === 0 ? "no datasets" : `datasets ${user.datasets.join(", ")}`;
  return `${user.name} (uid ${user.uid}, ${datasets})`;
}
