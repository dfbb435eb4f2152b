import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { execa } from "execa";

/** An environment of Python that holds what locks name, and nothing else. */
export interface LockedEnvironment {
  readonly uv: string;
  readonly python: string;
}

/** How a program ended. */
interface Ended {
  readonly exitCode?: number | undefined;
  readonly stderr: string;
}

const installLimitMs = 540_000;
const programLimitMs = 170_000;
const keptUnusedMs = 7 * 24 * 3600 * 1000;
/** Whoever works on the machine goes first. */
const gently = ["-n", "10"];

/**
 * Installs locks by their hashes, as an image's build does, into an environment of the given Python. It is kept in the
 * cache under a name that follows from both, and dropped when a week went by without a use. Throws uv's own error.
 */
export async function installLocks(
  locks: readonly string[],
  given: { readonly uv: string; readonly python: string; readonly cache: string },
): Promise<LockedEnvironment> {
  const content = [given.python, ...locks.map((lock) => readFileSync(lock, "utf8"))];
  const key = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 12);
  const folder = join(given.cache, `locked-${key}`);
  if (!existsSync(folder)) await make(folder, locks, given);
  utimesSync(folder, new Date(), new Date());
  dropUnused(given.cache);
  return { uv: given.uv, python: join(folder, "bin", "python") };
}

async function make(
  folder: string,
  locks: readonly string[],
  { uv, python, cache }: { readonly uv: string; readonly python: string; readonly cache: string },
): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  const run = (argv: readonly string[]) =>
    execa("nice", [...gently, uv, "--no-config", "--quiet", ...argv], { timeout: installLimitMs });
  try {
    await run(["venv", "--no-project", "--relocatable", "--allow-existing", "--python", python, work]);
    const files = locks.flatMap((lock) => ["-r", lock]);
    const into = ["--python", join(work, "bin", "python")];
    await run([
      "pip",
      "install",
      "--no-deps",
      "--require-hashes",
      "--only-binary",
      ":all:",
      ...into,
      ...files,
    ]);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function dropUnused(cache: string): void {
  const unused = globSync(join(cache, "locked-*")).filter(
    (path) => statSync(path).mtimeMs < Date.now() - keptUnusedMs,
  );
  for (const path of unused) rmSync(path, { recursive: true, force: true });
}

/** Whether every package finds those it needs, in versions that suit it. */
export async function checkPackages({ uv, python }: LockedEnvironment): Promise<Ended> {
  return execa(uv, ["--no-config", "pip", "check", "--python", python], { reject: false });
}

/** Runs a text of Python in an empty folder of its own, which is also its home. */
export async function runProgram(
  { python }: LockedEnvironment,
  program: string,
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), `workstation-${basename(python)}-`));
  try {
    return await execa("nice", [...gently, python, "-c", program], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", ...environment, HOME: folder, TMPDIR: folder },
      extendEnv: false,
      timeout: programLimitMs,
      reject: false,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
