import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
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
 * use, and has the lock's hash in its name: another pin is another environment. Throws pip's own error.
 */
export async function provideTools({ lock, cache, limitMs }: ToolEnvironment): Promise<string> {
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex").slice(0, 12);
  const folder = join(cache, `${basename(lock, ".lock.txt")}-${hash}`);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return folder;
  await execa("python3", ["-m", "venv", "--clear", folder], { timeout: limitMs });
  const hashed = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirement", lock];
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...hashed];
  await execa(join(folder, "bin/python"), pip, { timeout: limitMs });
  writeFileSync(complete, "");
  return folder;
}

/** The version that a lock pins. */
export function pinnedVersion(lock: string, name: string): string | undefined {
  return parseLock(readFileSync(lock, "utf8")).find((each) => each.name === name)?.version;
}
