import type { DockerConnection } from "../connect.ts";
import { type PackedFile, packFiles } from "../image-builds/pack-files.ts";
import { ask } from "./docker-fault.ts";

/**
 * Puts files, all of them root's, into a folder of a container that need not run. Where its root is read-only that works
 * in a folder of its own alone (`scratch`).
 */
export async function putFiles(
  docker: DockerConnection,
  id: string,
  { folder, files }: { readonly folder: string; readonly files: readonly PackedFile[] },
): Promise<void> {
  await ask(() => docker.getContainer(id).putArchive(packFiles(files), { path: folder }));
}
