import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const root = "/sys/fs/cgroup";

/** Makes the control group `name` below the root: one, or with version 1 one a controller. */
export function makeControlGroup(name: string): void {
  if (isVersion2()) passControllersOn();
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, name));
    if (!isVersion2()) copyProcessors(hierarchy, name);
  }
}

/** Groups below the root have those that the root passes on; systemd passes on what its own units need. */
function passControllersOn(): void {
  for (const controller of ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"]) {
    try {
      writeFileSync(join(root, "cgroup.subtree_control"), `+${controller}`);
    } catch {
      // The kernel has it not, or somebody above us keeps it: the kubelet says which it lacks.
    }
  }
}

/** Version 1 leaves these empty, and nothing may run in such a group. */
function copyProcessors(hierarchy: string, name: string): void {
  for (const file of ["cpuset.mems", "cpuset.cpus"]) {
    const copy = join(hierarchy, name, file);
    if (existsSync(copy)) writeFileSync(copy, readFileSync(join(hierarchy, file), "utf8").trim());
  }
}

/** Removes it and all groups in it, as soon as the last of its processes is gone. */
export async function removeControlGroup(name: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    try {
      removeNow(name);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY") throw error;
      await pause(50);
    }
  }
  throw new Error(`the control group ${name} is still in use`);
}

function removeNow(name: string): void {
  for (const hierarchy of hierarchies()) {
    const group = join(hierarchy, name);
    if (!existsSync(group)) continue;
    const below = readdirSync(group, { recursive: true, withFileTypes: true });
    const folders = below
      .filter((each) => each.isDirectory())
      .map((each) => join(each.parentPath, each.name));
    for (const folder of [group, ...folders].sort((one, other) => other.length - one.length))
      rmdirSync(folder);
  }
}

/** The same for a shell that has the name as `$1`. */
export const controlGroupRemoval = `find ${root} -depth -type d -path "*/$1*" -exec rmdir {} \\; `;

function isVersion2(): boolean {
  return existsSync(join(root, "cgroup.controllers"));
}

function hierarchies(): readonly string[] {
  if (isVersion2()) return [root];
  const folders = readdirSync(root, { withFileTypes: true }).filter((each) => each.isDirectory());
  return folders.map((each) => join(root, each.name));
}
