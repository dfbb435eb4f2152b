import { accessSync, constants, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "@workstation/cli";
import type { Places } from "@workstation/site";

/** Refuses places in which no folder can be used or made, before anything is done: throws `FOLDER_UNUSABLE`. */
export function checkPlaces({ state, run }: Places): void {
  checkFolder("--state", state);
  // Whose folder it is, where it is there, is looked at when the sockets are made.
  if (!isFolder(run) || isKernels(run)) checkFolder("--run", run);
}

function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

function checkFolder(option: string, folder: string): void {
  const why = whyUnusable(folder);
  if (why === undefined) return;
  throw new UserError("FOLDER_UNUSABLE", `${option} ${JSON.stringify(folder)} cannot be used: ${why}`, {
    hint: `name a folder that this account can write, or can make, with ${option}`,
  });
}

/** The folder itself, or, where it is not there yet, the nearest one above it in which it would be made. */
function whyUnusable(place: string): string | undefined {
  try {
    if (!statSync(place).isDirectory()) return `${place} is a file, not a folder`;
    if (isKernels(place)) return "the kernel's own file system keeps no files";
    accessSync(place, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return whyUnusable(dirname(place)) ?? "a part of its path is no folder";
    if (code === "ENOENT" && dirname(place) !== place) return whyUnusable(dirname(place));
    return reasons[code] ?? `the system says ${code}`;
  }
}

/** proc and sysfs (magic.h of Linux): root may write there as its rights say, and yet nothing can be made. */
const kernelTypes: readonly number[] = [0x9fa0, 0x62656572];

function isKernels(folder: string): boolean {
  return kernelTypes.includes(statfsSync(folder).type);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this account may not write there",
  EROFS: "the file system is read-only",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
};
