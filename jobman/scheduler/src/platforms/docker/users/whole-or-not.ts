import { lstat, rm, rmdir } from "node:fs/promises";
import { userFolder } from "@workstation/site";
import { storageError } from "../../../files/storage-error.ts";

/**
 * Makes a user's folder with `make`. When that fails, what it made goes again, unless somebody put something into it;
 * what stood there before stays. Throws `STORAGE_FULL` or `STATE_UNWRITABLE` where the disk refused.
 */
export async function wholeOrNot(state: string, name: string, make: () => Promise<void>): Promise<void> {
  const { folder, persistentHome } = userFolder(state, name);
  const before = await Promise.all([isThere(folder), isThere(persistentHome)]);
  try {
    await make();
  } catch (error) {
    const made = [persistentHome, folder].filter((_, index) => !before[1 - index]);
    // Without force: a folder that is not empty stays.
    for (const each of made) await rmdir(each).catch(() => undefined);
    throw asUserError(folder, error);
  }
}

/** Writes a file with `write`; when that fails, what there is of it goes again. Throws as `wholeOrNot`. */
export async function writeOrRemove(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    await rm(file, { force: true }).catch(() => undefined);
    throw asUserError(file, error);
  }
}

async function isThere(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined;
}

function asUserError(path: string, error: unknown): unknown {
  const isFromSystem = error instanceof Error && "syscall" in error;
  return isFromSystem ? storageError(path, error) : error;
}
