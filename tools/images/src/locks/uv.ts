import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { pinnedVersion, provideTools } from "./tool-environment.ts";

/** The uv that resolves locks; another version may word them otherwise. */
const lock = join(import.meta.dirname, "uv.lock.txt");
const limitMs = 180_000;

/** The path of the pinned uv, installed by its hash from the package index into the project's cache at its first use. Throws `UV_MISSING`. */
export async function provideUv(root: string): Promise<string> {
  try {
    return join(await provideTools({ lock, cache: join(root, "node_modules/.cache"), limitMs }), "bin/uv");
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? (error as Error).message;
    const uv = `uv ${pinnedVersion(lock, "uv")}`;
    throw new UserError("UV_MISSING", `${uv}, which makes the locks, cannot be had here: ${said}`, {
      hint: "it needs python3 with its venv module (apt-get install python3-venv) and a package index",
      exitCode: exitCodes.unavailable,
      cause: error,
    });
  }
}
