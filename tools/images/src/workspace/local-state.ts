import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { distributions } from "@workstation/site";
import { z } from "zod";
import { writingTo } from "./file-fault.ts";
import { replaceFile } from "./replace-file.ts";

const localState = z.object({
  /** The base that this machine uses in place of the site's, and why. */
  base: z.object({ distribution: z.enum(distributions), reason: z.string() }).optional(),
});

/** What this machine remembers about its images. */
export type LocalState = z.infer<typeof localState>;

/** Reads `state.json` of the local folder; nothing is remembered when there is none. Throws `STATE_INVALID`. */
export function readLocalState(local: string): LocalState {
  const file = join(local, "state.json");
  try {
    return localState.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new UserError("STATE_INVALID", `${file} cannot be read: ${(error as Error).message}`, {
      hint: `remove ${file}; it is made anew`,
      cause: error,
    });
  }
}

/** Writes `state.json` as a whole: another process sees the old or the new one. */
export function writeLocalState(local: string, state: LocalState): void {
  const file = join(local, "state.json");
  writingTo(file, () => replaceFile(file, `${JSON.stringify(state, null, 2)}\n`));
}
