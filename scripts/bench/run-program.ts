import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end and gives what it printed. Directly: a shell between would be measured with it. */
export async function runProgram(
  argv: readonly [string, ...string[]],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const [program, ...args] = argv;
  return (await execute(program, args, { env: environment, maxBuffer: 2 ** 26 })).stdout;
}
