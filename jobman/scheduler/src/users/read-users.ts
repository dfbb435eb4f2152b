import { readdir, readFile } from "node:fs/promises";
import { stateFolders, userFolder, userNamePattern } from "@workstation/site";
import { type User, userFileSchema } from "./user.ts";

/** All users of a state folder, by name, and what is wrong with the folders that are none. */
export interface UsersFound {
  readonly users: ReadonlyMap<string, User>;
  readonly problems: readonly string[];
}

/**
 * Reads the users anew. A folder that cannot be understood is a problem, never a reason to serve nobody.
 * An ordinary account (`ownUid` not 0) can serve only itself.
 */
export async function readUsers(state: string, ownUid: number): Promise<UsersFound> {
  const users = new Map<string, User>();
  const problems: string[] = [];
  for (const name of await folderNames(stateFolders(state).users)) {
    try {
      users.set(name, await readUser(state, name, ownUid));
    } catch (error) {
      problems.push(`user ${JSON.stringify(name.slice(0, 80))}: ${(error as Error).message}`);
    }
  }
  return { users, problems };
}

async function folderNames(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function readUser(state: string, name: string, ownUid: number): Promise<User> {
  if (!userNamePattern.test(name)) throw new Error("the folder's name is no user name");
  const { record } = userFolder(state, name);
  const parsed = userFileSchema.safeParse(JSON.parse(await readFile(record, "utf8")));
  if (!parsed.success) throw new Error(`${record}: ${parsed.error.issues[0]?.message ?? "is not valid"}`);
  const { uid, gid, datasets } = parsed.data;
  if (ownUid !== 0 && uid !== ownUid) {
    throw new Error(`has uid ${uid}, and a scheduler that runs as uid ${ownUid} can serve that one alone`);
  }
  return { name, uid, gid, datasets: [...new Set(datasets)].sort() };
}
