import { join } from "node:path";
import { type Places, stateFolders, userFolder, userSocket } from "./places.ts";
import type { Volume, VolumeContent } from "./volumes.ts";

/** A folder of the host that a desktop or a job sees. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** The folders of a machine; one whose containers see no socket needs no `run`. */
export type VolumePlaces = Pick<Places, "state"> & Partial<Places>;

/** Where volumes lie on a machine with these places. */
export function mountsOf(volumes: readonly Volume[], places: VolumePlaces): readonly Mount[] {
  return volumes.map(({ content, target, readOnly }) => ({
    source: folderOf(content, places),
    target,
    readOnly,
  }));
}

function folderOf(content: VolumeContent, { state, run }: VolumePlaces): string {
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
    case "jobman-socket":
      if (run === undefined) throw new Error("a desktop's socket needs the folder of sockets");
      return userSocket(run, content.user).folder;
  }
}
