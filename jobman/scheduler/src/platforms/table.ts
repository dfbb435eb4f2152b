import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import type { OpenOptions, Platform } from "./platform.ts";

/** A place where jobs can run, nothing of which is loaded yet. */
interface PlatformEntry {
  /** It keeps its state, and is reached, in folders of one machine: no two schedulers share them. */
  readonly ownsFolders: boolean;
  readonly load: () => Promise<{ open(site: Site, options: OpenOptions): Promise<Platform> }>;
}

const platforms: Readonly<Record<string, PlatformEntry>> = {
  docker: { ownsFolders: true, load: () => import("./docker/open.ts") },
  kubernetes: { ownsFolders: false, load: () => import("./kubernetes/open.ts") },
};

export const platformNames: readonly string[] = Object.keys(platforms);

/** The platform of that name; only the chosen one is ever loaded. Throws `UNKNOWN_ENGINE`. */
export function findPlatform(name: string): PlatformEntry {
  const found = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  if (found !== undefined) return found;
  throw new UserError("UNKNOWN_ENGINE", `there is no engine ${JSON.stringify(name)}`, {
    hint: `engines: ${platformNames.join(", ")}`,
  });
}
