import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** The module of a project's table. The command as one file (bin/make-bundle.mjs) has its own project's inside. */
export function importTable(root: string): Promise<{ readonly family?: unknown }> {
  return import(pathToFileURL(join(root, "images/family.ts")).href);
}
