import { readFile, realpath } from "node:fs/promises";
import { UserError } from "@workstation/cli";
import type { FolderMount } from "@workstation/docker";

/**
 * Refuses folders that a container should only read, but in which something else is mounted, unless the engine
 * `forcesReadOnly` there too; it is asked only when there is such a mount. Throws `MOUNT_NOT_READ_ONLY`.
 */
export async function insistOnReadOnly(
  binds: readonly FolderMount[],
  forcesReadOnly: () => Promise<boolean>,
  mountTable = "/proc/self/mountinfo",
): Promise<void> {
  const mounted = mountPoints(await readFile(mountTable, "utf8").catch(() => ""));
  for (const bind of binds.filter((each) => each.readOnly)) {
    const source = await realpath(bind.source).catch(() => bind.source);
    const inner = mounted.find((path) => path.startsWith(`${source}/`));
    if (inner !== undefined && !(await forcesReadOnly())) throw notReadOnly(bind, inner);
  }
}

/** The fifth field of each line; blanks and the like are octal (proc_pid_mountinfo(5)). */
function mountPoints(table: string): readonly string[] {
  return table.split("\n").flatMap((line) => {
    const path = line.split(" ")[4];
    return path === undefined ? [] : [path.replaceAll(/\\([0-7]{3})/g, (_, octal) => octalCharacter(octal))];
  });
}

function octalCharacter(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

function notReadOnly(bind: FolderMount, inner: string): UserError {
  return new UserError(
    "MOUNT_NOT_READ_ONLY",
    `${inner}, mounted in ${bind.source}, could be written by the job`,
    {
      hint: "mount it read-only somewhere else, or use Docker Engine 25 or newer",
    },
  );
}
