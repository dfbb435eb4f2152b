import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { mountsWithin, parseMounts } from "../platforms/docker/mounts/mount-table.ts";

/** Removes a folder, and first what a scheduler that ran as root mounted on it and in it. */
export function removeFolder(folder: string): void {
  let points = mountPoints(folder);
  // A mount that another one hides is reached once that has gone.
  for (let before = Number.POSITIVE_INFINITY; points.length > 0 && points.length < before; ) {
    before = points.length;
    for (const point of points.toReversed()) spawnSync("umount", ["--lazy", point]);
    points = mountPoints(folder);
  }
  rmSync(folder, { recursive: true, force: true });
}

/** With each mount of a point that has several. */
function mountPoints(folder: string): readonly string[] {
  const table = "/proc/self/mountinfo";
  if (!existsSync(table)) return [];
  const mounts = parseMounts(readFileSync(table, "utf8"));
  const below = new Set([folder, ...mountsWithin(mounts, folder).map((each) => each.point)]);
  return mounts.map((each) => each.point).filter((point) => below.has(point));
}
