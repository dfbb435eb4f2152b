import { existsSync, statfsSync } from "node:fs";
import type { DockerConnection } from "../connect.ts";
import { askSoon } from "../containers/docker-fault.ts";

/** Where an engine keeps its images, and the bytes that are free there. */
export interface EngineDisk {
  readonly folder: string;
  readonly freeBytes: number;
}

/** Undefined where the engine's folder is not one of this machine. Throws `ENGINE_UNAVAILABLE`. */
export async function engineDisk(docker: DockerConnection): Promise<EngineDisk | undefined> {
  const info = await askSoon(docker, (soon) => soon.info());
  const { DockerRootDir: folder } = info as { readonly DockerRootDir?: string };
  if (folder === undefined || !existsSync(folder)) return undefined;
  const { bavail, bsize } = statfsSync(folder);
  return { folder, freeBytes: bavail * bsize };
}
