import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mountsWithin, parseMounts } from "../engines/docker/mount-table.ts";

/** Removes a folder, and first what a scheduler that ran as root mounted in it. */
export function removeFolder(folder: string): void {
  for (let point = deepestMount(folder); point !== undefined; point = deepestMount(folder)) {
    execFileSync("umount", ["--lazy", point]);
  }
  rmSync(folder, { recursive: true, force: true });
}

function deepestMount(folder: string): string | undefined {
  const table = "/proc/self/mountinfo";
  if (!existsSync(table)) return undefined;
  const points = mountsWithin(parseMounts(readFileSync(table, "utf8")), folder).map((each) => each.point);
  return points.toSorted((a, b) => b.length - a.length)[0];
}
