import { type FSWatcher, watch } from "node:fs";

/** Calls `onChange` when something in the folder changes; without it where the system has no watches left to give. */
export function watchIfPossible(folder: string, onChange: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onChange);
    watcher.on("error", () => undefined);
    return watcher;
  } catch {
    return undefined;
  }
}
