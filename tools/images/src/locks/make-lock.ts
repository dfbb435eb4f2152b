import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { execa } from "execa";
import type { LockJob } from "./lock-jobs.ts";
import { asConstraints, parseLock, withoutPackages, writeLock } from "./lock-text.ts";

/** How locks are made in one run. */
export interface LockSettings {
  readonly root: string;
  readonly uv: string;
  /** True: the newest versions; false: what the present lock holds stays unless it must change. */
  readonly upgrade: boolean;
  readonly signal: AbortSignal;
}

/** wheels must fit the older glibc of the two distributions, 2.35 of Ubuntu 22.04. */
const platform = "x86_64-manylinux_2_35";

/**
 * Resolves one lock, first with everything above it in view, so that a version is found which suits all, then by
 * itself with those versions as constraint. Returns its text; throws `LOCK_IMPOSSIBLE` with uv's own words.
 */
export async function makeLock(job: LockJob, settings: LockSettings): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "workstation-lock-"));
  try {
    const below = job.below.flatMap((path) => parseLock(readFileSync(join(settings.root, path), "utf8")));
    const constraints = join(folder, "constraints.txt");
    writeFileSync(constraints, asConstraints(below));
    if (job.inView.length > 0) {
      const wide = await compile({ ...job, requirements: [...job.requirements, ...job.inView] }, settings, {
        folder,
        constraints,
      });
      writeFileSync(constraints, asConstraints(parseLock(wide)));
    }
    const own = await compile(job, settings, { folder, constraints });
    return writeLock(withoutPackages(parseLock(own), below));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compile(
  job: LockJob,
  settings: LockSettings,
  work: { readonly folder: string; readonly constraints: string },
): Promise<string> {
  const output = join(work.folder, "lock.txt");
  const present = join(settings.root, job.lock);
  if (!settings.upgrade && existsSync(present)) copyFileSync(present, output);
  const argv = [
    ...["pip", "compile", "--quiet", "--no-config", "--no-header", "--no-annotate", "--generate-hashes"],
    ...["--no-emit-index-url", "--no-emit-find-links", "--only-binary", ":all:"],
    ...["--python-version", job.python, "--python-platform", platform],
    ...(job.index === undefined ? [] : ["--index", job.index, "--index-strategy", "unsafe-best-match"]),
    ...["--constraints", work.constraints, "--output-file", output],
    ...job.requirements,
  ];
  try {
    await execa(settings.uv, argv, { cwd: settings.root, cancelSignal: settings.signal });
  } catch (error) {
    settings.signal.throwIfAborted();
    const said = (error as { stderr?: string }).stderr ?? (error as Error).message;
    throw new UserError("LOCK_IMPOSSIBLE", `${job.lock} cannot be resolved:\n${said.trim()}`, {
      hint: `loosen ${job.requirements.join(" or ")}`,
      exitCode: exitCodes.failure,
      cause: error,
    });
  }
  return readFileSync(output, "utf8");
}
