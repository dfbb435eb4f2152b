import { execFile } from "node:child_process";
import { readFile, readlink, realpath } from "node:fs/promises";
import { promisify } from "node:util";
import { type MountPoint, mountOf, mountsWithin, parseMounts } from "./mount-table.ts";

/**
 * Sees to it that no setuid or setgid bit and no device file below `folders` means anything on this machine: what lacks
 * `nosuid,nodev` is mounted with it, each folder on itself. Safe to repeat; mounts stay when the process ends. Needs
 * CAP_SYS_ADMIN and the machine's own mount namespace. Returns a sentence for each folder that stays unguarded.
 */
export async function guardFolders(folders: readonly string[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const folder of folders) {
    try {
      await guard(await realpath(folder));
    } catch (error) {
      problems.push(unguarded(folder, (error as Error).message));
    }
  }
  return problems;
}

/** The folders below which something lacks `nosuid` or `nodev`; changes nothing. */
export async function findUnguarded(folders: readonly string[]): Promise<readonly string[]> {
  const mounts = await readMounts();
  const real = await Promise.all(folders.map(async (folder) => await realpath(folder)));
  return folders.filter((_, index) => lacking(mounts, real[index] ?? "").length > 0);
}

/** Says what a folder's mount needs. */
export function unguarded(folder: string, why: string): string {
  return `${folder} is not mounted nosuid,nodev (${why.trim().split("\n").at(-1)}): a setuid file that a job leaves there counts on this machine; mount it with these options`;
}

async function guard(folder: string): Promise<void> {
  const before = await readMounts();
  if (lacking(before, folder).length === 0) return;
  await insistOnSharedView();
  // Recursive, because a mount below, such as a home of its own, would be hidden otherwise.
  if (mountOf(before, folder)?.point !== folder) await mount("--rbind", folder, folder);
  for (const { point, options } of lacking(await readMounts(), folder)) {
    // Options that are not named would be taken away, and source and target keep /etc/fstab out of it.
    await mount("-o", ["remount", "bind", ...options, "nosuid", "nodev"].join(), point, point);
  }
}

/** Mounts that show through in the folder and lack an option. */
function lacking(mounts: readonly MountPoint[], folder: string): readonly MountPoint[] {
  const seen = [mountOf(mounts, folder), ...mountsWithin(mounts, folder)].filter(
    (each) => each !== undefined,
  );
  return seen.filter(({ options }) => !options.includes("nosuid") || !options.includes("nodev"));
}

// What is mounted in a namespace of our own, as a service manager may give us, guards nobody outside. Where the first
// process does not show its namespace, ours is taken for the machine's.
async function insistOnSharedView(): Promise<void> {
  const own = await readlink("/proc/self/ns/mnt");
  const first = await readlink("/proc/1/ns/mnt").catch(() => own);
  if (own !== first) throw new Error("this process has a mount namespace of its own");
}

async function readMounts(): Promise<readonly MountPoint[]> {
  return parseMounts(await readFile("/proc/self/mountinfo", "utf8"));
}

async function mount(...argv: readonly string[]): Promise<void> {
  await promisify(execFile)("mount", [...argv], { timeout: 30_000 });
}
