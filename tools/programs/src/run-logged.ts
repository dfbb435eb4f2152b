import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { execa } from "execa";

const keptOutput = 2000;

/**
 * Runs a set-up program, its output appended to `log`; resolves with what it wrote to stdout.
 * Throws `COMMAND_FAILED` with the argument list, the exit code and the last output.
 */
export async function runLogged(
  argv: readonly [string, ...string[]],
  options: { readonly log: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<string> {
  mkdirSync(dirname(options.log), { recursive: true });
  const [program, ...args] = argv;
  const file = { file: options.log, append: true } as const;
  const result = await execa(program, args, {
    reject: false,
    stdin: "ignore",
    stdout: ["pipe", file],
    stderr: ["pipe", file],
    all: true,
    env: { ...options.environment },
  });
  if (!result.failed) return result.stdout;
  const end = result.exitCode ?? result.signal ?? result.shortMessage;
  const words = (result.all ?? "").slice(-keptOutput);
  throw new UserError("COMMAND_FAILED", `${argv.join(" ")} ended with ${end}:\n${words}`, {
    hint: `its whole output is in ${options.log}`,
    exitCode: exitCodes.failure,
  });
}

/** Whether a program of this name would be found. */
export function isOnPath(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, program)));
}
