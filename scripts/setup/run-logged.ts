import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "@workstation/cli";
import { execa } from "execa";

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
  const [program, ...args] = argv;
  const running = execa(program, args, {
    all: true,
    reject: false,
    stdin: "ignore",
    ...(options.environment === undefined ? {} : { env: options.environment }),
  });
  running.all.pipe(createWriteStream(options.log, { flags: "a" }));
  const result = await running;
  if (!result.failed) return;
  const end = result.exitCode ?? result.signal ?? result.originalMessage;
  throw new UserError(
    "COMMAND_FAILED",
    `${argv.join(" ")} ended with ${end}:\n${result.all.slice(-keptOutput)}`,
    {
      hint: `its whole output is in ${options.log}`,
      exitCode: 1,
    },
  );
}
