import { constants } from "node:fs";
import { chmod, chown, lstat, mkdir, open, rename } from "node:fs/promises";
import { UserError } from "@workstation/cli";
import {
  datasetIdPattern,
  type Site,
  splitDatasetList,
  stateFolders,
  userFolder,
  userNamePattern,
} from "@workstation/site";
import type { User } from "../../user.ts";
import { chooseIds } from "./choose-ids.ts";
import type { IdRule } from "./ids.ts";
import { readUsers } from "./read-users.ts";
import { changeUsers } from "./users-lock.ts";
import { wholeOrNot, writeOrRemove } from "./whole-or-not.ts";

/** Where users are written, and by whom. */
export interface UserStore {
  readonly state: string;
  readonly site: { readonly user: Site["user"]; readonly limits: IdRule };
  /** The uid that writes; only 0 can give homes to others. */
  readonly ownUid: number;
}

/** What came of a change: the user now, and whether anything was changed. */
export interface UserChange {
  readonly user: User;
  readonly changed: boolean;
}

/**
 * Makes a user: the folder, its persistent home (0700, owned by the user) and the record. Safe to repeat;
 * another uid for a user who is there is refused with `USER_EXISTS`, a system account's with `ID_NOT_ALLOWED`, and
 * another user's with `ID_TAKEN`.
 */
export async function addUser(
  store: UserStore,
  request: { readonly name: string; readonly uid?: number; readonly datasets: string },
): Promise<UserChange> {
  const name = checkedName(request.name);
  const datasets = checkedDatasets(request.datasets);
  return changeUsers(store.state, () => addChecked(store, { name, datasets, uid: request.uid }));
}

async function addChecked(
  store: UserStore,
  request: {
    readonly name: string;
    readonly uid: number | undefined;
    readonly datasets: readonly string[];
  },
): Promise<UserChange> {
  const { name, uid, datasets } = request;
  const users = await usersOf(store);
  const existing = users.get(name);
  if (existing !== undefined) return repeatAdd(store, existing, { uid, datasets });
  const ids = await chooseIds(store, { name, uid, taken: [...users.values()] });
  const user: User = { name, ...ids, datasets };
  await wholeOrNot(store.state, name, async () => {
    await makeStateFolders(store.state);
    await makeHome(store, user);
    await writeUser(store, user);
  });
  return { user, changed: true };
}

/** Adds datasets to a user's granted ones, or takes them away. Safe to repeat; throws `NO_SUCH_USER`. */
export async function changeDatasets(
  store: UserStore,
  request: { readonly name: string; readonly datasets: string; readonly change: "grant" | "revoke" },
): Promise<UserChange> {
  const ids = checkedDatasets(request.datasets);
  const name = checkedName(request.name);
  return changeUsers(store.state, () => changeChecked(store, { name, ids, change: request.change }));
}

async function changeChecked(
  store: UserStore,
  request: {
    readonly name: string;
    readonly ids: readonly string[];
    readonly change: "grant" | "revoke";
  },
): Promise<UserChange> {
  const { name, ids } = request;
  const users = await usersOf(store);
  const user = users.get(name);
  if (user === undefined) {
    throw new UserError("NO_SUCH_USER", `there is no user ${JSON.stringify(name)}`, {
      hint: `users: ${[...users.keys()].join(", ") || "none yet"}; add one with: npm run scheduler -- user add ${name}`,
    });
  }
  const datasets =
    request.change === "grant"
      ? [...new Set([...user.datasets, ...ids])].sort()
      : user.datasets.filter((id) => !ids.includes(id));
  const changed = datasets.join() !== user.datasets.join();
  const next = { ...user, datasets };
  if (changed) await writeUser(store, next);
  return { user: next, changed };
}

/** Makes the folders that jobs of every user see. */
export async function makeStateFolders(state: string): Promise<void> {
  const folders = stateFolders(state);
  // The engine's root mounts what jobs see: no account of the machine needs to come through here.
  await mkdir(state, { recursive: true, mode: 0o700 });
  await mkdir(folders.users, { recursive: true, mode: 0o711 });
  for (const folder of [folders.datasets, folders.datalake]) {
    await mkdir(folder, { recursive: true, mode: 0o755 });
  }
  const made = await mkdir(folders.sharedFolder, { recursive: true });
  // Everybody may add files, nobody may take away or replace another's.
  if (made !== undefined) await chmod(folders.sharedFolder, 0o1777);
}

async function repeatAdd(
  store: UserStore,
  existing: User,
  request: { readonly uid: number | undefined; readonly datasets: readonly string[] },
): Promise<UserChange> {
  if (request.uid !== undefined && request.uid !== existing.uid) {
    throw new UserError(
      "USER_EXISTS",
      `the user ${existing.name} is there already, with uid ${existing.uid}`,
      {
        hint: "a user keeps the uid, because the files in the persistent home belong to it",
      },
    );
  }
  await makeHome(store, existing);
  const datasets = [...new Set([...existing.datasets, ...request.datasets])].sort();
  const user = { ...existing, datasets };
  const changed = datasets.length !== existing.datasets.length;
  if (changed) await writeUser(store, user);
  return { user, changed };
}

function checkedName(name: string): string {
  if (userNamePattern.test(name)) return name;
  throw new UserError("INVALID_USER_NAME", `${JSON.stringify(name.slice(0, 80))} cannot be a user's name`, {
    hint: "lower-case letters, digits and dashes, 1 to 32 characters, no dash at the ends",
  });
}

function checkedDatasets(text: string): readonly string[] {
  const ids = splitDatasetList(text);
  const wrong = ids.find((id) => !datasetIdPattern.test(id));
  if (wrong === undefined) return [...ids].sort();
  throw new UserError("INVALID_DATASET", `${JSON.stringify(wrong.slice(0, 80))} is not a dataset id`, {
    hint: "an id has 1 to 64 of the characters A-Z a-z 0-9 . _ -; several are separated by commas",
  });
}

async function usersOf({ state, ownUid, site }: UserStore): Promise<ReadonlyMap<string, User>> {
  return (await readUsers(state, { ownUid, lowestId: site.limits.lowestId })).users;
}

async function makeHome(store: UserStore, user: User): Promise<void> {
  const { folder, persistentHome } = userFolder(store.state, user.name);
  await mkdir(folder, { recursive: true, mode: 0o711 });
  try {
    await mkdir(persistentHome, { mode: 0o700 });
    if (store.ownUid === 0) await chown(persistentHome, user.uid, user.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    await checkHome(persistentHome, user);
  }
}

async function checkHome(persistentHome: string, user: User): Promise<void> {
  const found = await lstat(persistentHome);
  if (found.isDirectory() && found.uid === user.uid) return;
  throw new UserError("HOME_NOT_OWNED", `${persistentHome} is not a folder of uid ${user.uid}`, {
    hint: `it belongs to uid ${found.uid}; move it away or give it to the user, then repeat the command`,
  });
}

async function writeUser(store: UserStore, user: User): Promise<void> {
  const { record } = userFolder(store.state, user.name);
  const temporary = `${record}.${process.pid}.new`;
  const { uid, gid, datasets } = user;
  await writeOrRemove(temporary, async () => {
    await writeWhole(temporary, `${JSON.stringify({ uid, gid, datasets }, undefined, 2)}\n`);
    await rename(temporary, record);
  });
}

async function writeWhole(file: string, text: string): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
