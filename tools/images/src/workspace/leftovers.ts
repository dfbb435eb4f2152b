import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** A path for something that comes into being in `folder` (which is made), and gets its own name when it is whole. */
export function freshPath(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return join(folder, `new-${process.pid}-${randomBytes(4).toString("hex")}`);
}

/** Whether a process of this machine runs. */
export function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const hour = 3_600_000;

/**
 * Removes from a folder what nobody will finish, because its process was ended at once: fresh paths of processes that
 * are gone, untouched for an hour (another machine may share the folder). With `keepMs` also whatever lies longer.
 */
export function removeLeftovers(folder: string, keepMs = Number.POSITIVE_INFINITY): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const idleMs = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    const pid = /^new-(\d+)-/.exec(name)?.[1];
    const isLost = pid !== undefined && !runs(Number(pid)) && idleMs > hour;
    if (isLost || (pid === undefined && idleMs > keepMs)) rmSync(path, { recursive: true, force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // nothing was ever kept there
  }
}
