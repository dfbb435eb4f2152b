import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import type { OpenOptions, Platform } from "./platform.ts";

type OpenPlatform = (site: Site, options: OpenOptions) => Promise<Platform>;

/** The places where jobs can run. Only the chosen one is loaded. */
const platforms: Readonly<Record<string, () => Promise<{ readonly open: OpenPlatform }>>> = {
  docker: () => import("./docker/open.ts"),
};

export const platformNames: readonly string[] = Object.keys(platforms);

/** The way to open the platform of that name, nothing of which is loaded yet. Throws `UNKNOWN_ENGINE`. */
export function findPlatform(name: string): OpenPlatform {
  const load = Object.hasOwn(platforms, name) ? platforms[name] : undefined;
  if (load !== undefined) return async (site, options) => (await load()).open(site, options);
  throw new UserError("UNKNOWN_ENGINE", `there is no engine ${JSON.stringify(name)}`, {
    hint: `engines: ${platformNames.join(", ")}`,
  });
}
