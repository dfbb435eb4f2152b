import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { hashFiles } from "@workstation/cli/bundle-files";
import type { RenderedFile } from "@workstation/images";

const root = join(import.meta.dirname, "../..");
const scheduler = join(root, "jobman/scheduler");
const bundles = join(scheduler, "dist");
const names = ["jobman-scheduler.mjs", "packed-packages.json", "licences.txt"];

/** Makes the scheduler one file again when its sources changed. Throws `SCHEDULER_NOT_MADE`: an old one shall be in no image. */
export function prepareScheduler(folder: string = bundles): void {
  if (newerSources(folder) === undefined) return;
  const made = spawnSync(process.execPath, ["--", join(scheduler, "bin/make-bundle.mjs"), folder], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (made.status === 0) return;
  const cause = made.stderr.split("\n").find((line) => /error/i.test(line)) ?? made.stderr;
  throw new UserError("SCHEDULER_NOT_MADE", `the scheduler cannot be made of its sources: ${cause.trim()}`, {
    hint: "npm run prepare",
  });
}

/** The scheduler as one file, the list of what it was made of, and the licences of that. */
export function schedulerTexts(library: string, folder: string = bundles): readonly RenderedFile[] {
  const madeOf = newerSources(folder);
  return names.map((name) => ({
    path: `${library}/dist/${name}`,
    mode: 0o644,
    origin: "jobman/scheduler",
    ...(madeOf === undefined
      ? { content: readFileSync(join(folder, name), "utf8") }
      : { content: "", toBeMadeOf: madeOf }),
  }));
}

/** What it would be made of now, as one hash, where that is not what it was made of; undefined: it is. */
function newerSources(folder: string): string | undefined {
  try {
    const { hash, files } = JSON.parse(readFileSync(join(folder, "sources.json"), "utf8"));
    const now = hashFiles(root, files);
    return now === hash && names.every((name) => existsSync(join(folder, name))) ? undefined : now;
  } catch {
    return "other files";
  }
}
