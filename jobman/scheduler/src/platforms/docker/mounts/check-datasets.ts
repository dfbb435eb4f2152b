import { stat } from "node:fs/promises";
import { join } from "node:path";
import { stateFolders } from "@workstation/site";

/** Those of `ids` that are folders among the datasets of a state folder. */
export async function checkDatasets(state: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const there = await Promise.all(ids.map((id) => isFolder(join(stateFolders(state).datasets, id))));
  return new Set(ids.filter((_, index) => there[index]));
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
