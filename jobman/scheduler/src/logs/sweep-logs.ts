import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes the logs of jobs that nobody knows any more, as a crash can leave them. */
export async function sweepLogs(folder: string, isKnown: (id: string) => boolean): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names) {
    if (!isKnown(name)) await rm(join(folder, name), { recursive: true, force: true });
  }
}
