import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import { parseLock } from "./lock-text.ts";

/** Programs of Python that this command uses, in an environment of their own. */
export interface ToolEnvironment {
  /**
   * The lock beside the code that uses them: `uv pip compile --universal --python-version 3.10 --only-binary :all:
   * --generate-hashes` of the `.in` file beside it.
   */
  readonly lock: string;
  /** Where environments are kept. */
  readonly cache: string;
  readonly limitMs: number;
}

/**
 * The folder of an environment with exactly what a lock names, each file compared with its hash. It is made at its first
 * use, by one of those who ask at once, and has the lock's hash in its name: another pin is another environment. Throws pip's
 * own error.
 */
export async function provideTools({ lock, cache, limitMs }: ToolEnvironment): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex").slice(0, 12);
  const folder = join(cache, `${basename(lock, ".lock.txt")}-${hash}`);
  if (existsSync(join(folder, "complete"))) return folder;
  mkdirSync(cache, { recursive: true });
  await execa("flock", [`${folder}.lock`, "sh", "-euc", makeEnvironment, "sh", folder, lock], {
    timeout: 2 * limitMs,
  });
  return folder;
}

/** Whoever waited for another that made it finds it made. */
const makeEnvironment = `
if [ ! -e "$1/complete" ]; then
  python3 -m venv --clear "$1"
  "$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \\
    --require-hashes --requirement "$2"
  : >"$1/complete"
fi`;

/** The version that a lock pins. */
export function pinnedVersion(lock: string, name: string): string | undefined {
  return parseLock(readFileSync(lock, "utf8")).find((each) => each.name === name)?.version;
}
