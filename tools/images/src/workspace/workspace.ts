import { join, resolve } from "node:path";
import type { Reporter, TextSink } from "@workstation/cli";
import { cacheFolder, loadSite, type Site } from "@workstation/site";

/** What a run of the command is given from outside. */
export interface Io {
  readonly stdout: TextSink;
  readonly reporter: Reporter;
  /** The project's folder. */
  readonly root: string;
  /** Fires when the user wants to stop. */
  readonly signal: AbortSignal;
}

/** The project as every verb sees it. */
export interface Workspace extends Io {
  readonly site: Site;
  readonly siteFile: string;
  /** What this machine remembers; never committed. */
  readonly local: string;
  /** What this account can fetch again, shared by all of its clones. */
  readonly cache: string;
}

/** Reads the site file (default: the project's own) and names the project's places. */
export function openWorkspace(io: Io, siteFile?: string): Workspace {
  const file = siteFile === undefined ? join(io.root, "site.yaml") : resolve(siteFile);
  const local = join(io.root, ".local");
  return { ...io, site: loadSite(file), siteFile: file, local, cache: cacheFolder(process.env) };
}
