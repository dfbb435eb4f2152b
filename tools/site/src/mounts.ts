import { join } from "node:path";
import { stateFolders, userFolder } from "./places.ts";
import type { Volume, VolumeContent } from "./volumes.ts";

/** A folder of the host that a desktop or a job sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** Where volumes lie on a machine that keeps its state in the folder `state`. */
export function mountsOf(volumes: readonly Volume[], state: string): readonly Mount[] {
  return volumes.map(({ content, target, readOnly }) => ({
    source: folderOf(content, state),
    target,
    readOnly,
  }));
}

function folderOf(content: VolumeContent, state: string): string {
  const folders = stateFolders(state);
  switch (content.kind) {
    case "persistent-home":
      return userFolder(state, content.user).persistentHome;
    case "shared-folder":
      return folders.sharedFolder;
    case "dataset":
      return join(folders.datasets, content.id);
    case "datalake":
      return folders.datalake;
  }
}
