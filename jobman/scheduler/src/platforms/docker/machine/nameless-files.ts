import { readFile, stat } from "node:fs/promises";
import { containerProcesses } from "@workstation/docker";
import { findContainers } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { type Counted, countNameless, type WalkBounds } from "./walk.ts";

/**
 * What a job holds in files that it removed and still has open, on the file system of `folder`: they take room and no walk
 * through folders meets them.
 */
export async function countRemoved(
  context: Pick<EngineContext, "docker" | "instance">,
  job: { readonly id: string; readonly folder: string },
  bounds: WalkBounds,
): Promise<Counted> {
  const processes = await processesOf(context, job.id);
  if (processes.length === 0) return { bytes: 0, files: 0, outcome: "whole" };
  const { dev } = await stat(job.folder);
  // A file that is only mapped is open, too.
  const links = processes.flatMap((pid) => [`/proc/${pid}/fd`, `/proc/${pid}/map_files`]);
  return await countNameless(links, dev, bounds);
}

async function processesOf(
  { docker, instance }: Pick<EngineContext, "docker" | "instance">,
  id: string,
): Promise<readonly number[]> {
  const containers = await findContainers(docker, instance, id);
  const running = containers.filter(({ status }) => status === "running");
  const found = await Promise.all(
    running.map(async (container) => {
      const processes = await containerProcesses(docker, container.id);
      const first = processes[0];
      return first !== undefined && (await isOf(first, container.id)) ? processes : [];
    }),
  );
  return found.flat();
}

/** An engine in another process namespace counts other processes with the same numbers. */
async function isOf(pid: number, container: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cgroup`, "utf8")).includes(container);
  } catch {
    return false;
  }
}
