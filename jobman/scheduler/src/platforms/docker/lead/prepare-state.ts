import { stat } from "node:fs/promises";
import { stateFolders } from "@workstation/site";
import { findUnguarded, guardFolders, unguarded } from "../mounts/guarded-mounts.ts";
import { makeStateFolders } from "../users/write-users.ts";

/**
 * Makes the folders of a state folder and keeps what jobs leave in them from counting on the machine: as root by mounts
 * of their own, else by looking at what there is. Safe to repeat. Returns what the operator has to mend.
 */
export async function prepareState(state: string, ownUid: number): Promise<readonly string[]> {
  await makeStateFolders(state);
  const { users, sharedFolder } = stateFolders(state);
  const written = [users, sharedFolder];
  const forOthers = (await stat(state)).mode & 0o007;
  const listable =
    (forOthers & 0o004) === 0
      ? []
      : [`every account can list ${state}: take that away with chmod o= ${state}`];
  if (ownUid === 0) return [...(await guardFolders(written)), ...listable];
  // Where nobody else can enter, what jobs leave is out of reach.
  const open = forOthers === 0 ? [] : await findUnguarded(written);
  return [...open.map((folder) => unguarded(folder, "only root can mount")), ...listable];
}
