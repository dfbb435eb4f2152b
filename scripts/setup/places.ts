import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Where set-up keeps its logs and small state; never committed. */
export function localFolder(): string {
  const folder = join(projectFolder, ".local");
  mkdirSync(folder, { recursive: true });
  return folder;
}
