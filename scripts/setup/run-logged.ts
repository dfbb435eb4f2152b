import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { $ } from "zx/core";

const keptOutput = 2000;

/**
 * Runs a set-up program, its output appended to `log`.
 * Throws `COMMAND_FAILED` with the argument list, the exit code and the last output.
 */
export async function runLogged(
  argv: readonly [string, ...string[]],
  options: { readonly log: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<void> {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = createWriteStream(options.log, { flags: "a" });
  const running = $({
    nothrow: true,
    quiet: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.environment },
  })`${argv}`;
  for (const stream of [running.stdout, running.stderr]) stream.on("data", (chunk) => log.write(chunk));
  const result = await running;
  log.end();
  if (result.ok) return;
  const end = result.exitCode ?? result.signal;
  throw new UserError(
    "COMMAND_FAILED",
    `${argv.join(" ")} ended with ${end}:\n${result.stdall.slice(-keptOutput)}`,
    {
      hint: `its whole output is in ${options.log}`,
      exitCode: exitCodes.failure,
    },
  );
}
