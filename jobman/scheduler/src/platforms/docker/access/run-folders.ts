import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import type { Places } from "@workstation/site";
import { makeSocketFolder } from "../sockets/listen.ts";

/** The folders that all sockets share. */
export interface RunFolders {
  /** Where a socket is made before it gets its name. */
  readonly staging: string;
  /** Makes those that are missing. Throws `RUN_FOLDER_FOREIGN`. */
  make(): Promise<void>;
}

export function runFolders(options: { readonly places: Places; readonly ownUid: number }): RunFolders {
  const { ownUid } = options;
  const { run } = options.places;
  const mode = ownUid === 0 ? 0o755 : 0o700;
  const staging = join(run, "staging");
  return {
    staging,
    make: async () => {
      await makeSocketFolder(run, { mode, owner: undefined, check: () => refuseForeign(run, ownUid) });
      await makeSocketFolder(join(run, "users"), { mode, owner: undefined });
      await makeSocketFolder(staging, { mode: 0o700, owner: undefined });
    },
  };
}

// In a folder like /tmp somebody else may have made it first, to get hold of the sockets.
async function refuseForeign(run: string, ownUid: number): Promise<void> {
  const found = await lstat(run);
  if (found.isDirectory() && found.uid === ownUid) return;
  throw new UserError("RUN_FOLDER_FOREIGN", `${run} is not a folder of uid ${ownUid}`, {
    hint: "remove it, or name another with --run",
  });
}
