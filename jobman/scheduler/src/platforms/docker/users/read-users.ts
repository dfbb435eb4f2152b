import { readdir, readFile } from "node:fs/promises";
import { stateFolders, userFolder, userNamePattern } from "@workstation/site";
import type { z } from "zod";
import type { User } from "../../user.ts";
import type { IdRule } from "./ids.ts";
import { userFileSchema } from "./user-file.ts";

/** Who reads the users, and which of them may be served. */
export interface Reader extends IdRule {
  /** The scheduler's own uid: 0 serves everybody, another only itself. */
  readonly ownUid: number;
}

/** All users of a state folder, by name, and what is wrong with the folders that are none. */
export interface UsersFound {
  readonly users: ReadonlyMap<string, User>;
  readonly problems: readonly string[];
}

/**
 * Reads the users anew. A folder that cannot be understood is a problem, never a reason to serve nobody.
 * Nor is a user whose uid is a system account's or an earlier user's: that one alone is not served.
 */
export async function readUsers(state: string, reader: Reader): Promise<UsersFound> {
  const users = new Map<string, User>();
  const problems: string[] = [];
  for (const name of await folderNames(stateFolders(state).users)) {
    try {
      const user = await readUser(state, name, reader);
      refuseSharedUid(user, users);
      users.set(name, user);
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

async function readUser(state: string, name: string, reader: Reader): Promise<User> {
  if (!userNamePattern.test(name)) throw new Error("the folder's name is no user name");
  const { record } = userFolder(state, name);
  const parsed = userFileSchema(reader).safeParse(JSON.parse(await readFile(record, "utf8")));
  if (!parsed.success) throw new Error(`${record}: ${describeIssue(parsed.error.issues[0])}`);
  const { uid, gid, datasets } = parsed.data;
  const { ownUid } = reader;
  if (ownUid !== 0 && uid !== ownUid) {
    throw new Error(`has uid ${uid}, and a scheduler that runs as uid ${ownUid} can serve that one alone`);
  }
  return { name, uid, gid, datasets: [...new Set(datasets)].sort() };
}

function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  return issue === undefined ? "is not valid" : `${issue.path.map(String).join(".")} ${issue.message}`.trim();
}

// Files, processes and sockets of two users with one uid are the same person's to the kernel.
function refuseSharedUid({ uid }: User, others: ReadonlyMap<string, User>): void {
  const other = [...others.values()].find((each) => each.uid === uid);
  if (other !== undefined) throw new Error(`has uid ${uid}, which is ${other.name}'s; it is not served`);
}
