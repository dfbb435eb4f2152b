import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { execa } from "execa";

/** The uv that resolves locks; another version may word them otherwise. */
const uvVersion = "0.13.9";
const installLimitMs = 180_000;

/** The path of the pinned uv, installed from the package index into the project's cache at its first use. Throws `UV_MISSING`. */
export async function provideUv(root: string): Promise<string> {
  const folder = join(root, "node_modules", ".cache", `uv-${uvVersion}`);
  const uv = join(folder, "bin", "uv");
  if (existsSync(uv)) return uv;
  try {
    await execa("python3", ["-m", "venv", folder], { timeout: installLimitMs });
    await execa(join(folder, "bin", "pip"), ["install", "--quiet", `uv==${uvVersion}`], {
      timeout: installLimitMs,
    });
    return uv;
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? (error as Error).message;
    throw new UserError("UV_MISSING", `uv ${uvVersion}, which makes the locks, cannot be had here: ${said}`, {
      hint: "it needs python3 with its venv module (apt-get install python3-venv) and a package index",
      exitCode: exitCodes.unavailable,
      cause: error,
    });
  }
}
