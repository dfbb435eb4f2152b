import { UserError } from "@workstation/cli";
import { onlyValue } from "../arguments/only-value.ts";
import { waitLimit } from "../arguments/wait-limit.ts";
import { logPath } from "../follow/copy-log.ts";
import { followToExit } from "../follow/follow-to-exit.ts";
import { createJobOutput } from "../follow/job-output.ts";
import type { LogLine } from "../protocol/index.ts";
import type { Context } from "./command.ts";

/** `jobman logs`: what a job wrote so far; with `--follow` to its end, and then with its exit code. */
export async function run(context: Context): Promise<number | undefined> {
  const name = onlyValue(context.arguments, "job-name", "the job", "logs");
  const limit = waitLimit(context.arguments, "follow");
  if (context.arguments.has("follow")) {
    refuseFormat(context);
    return followToExit(context, name, limit);
  }
  const output = createJobOutput(context.io);
  const signal = new AbortController().signal;
  for await (const line of context.api.lines<LogLine>(logPath(name, { follow: false }), signal)) {
    if (context.format === "json") context.io.stdout.write(`${JSON.stringify(line)}\n`);
    else output.write(line);
  }
  return undefined;
}

function refuseFormat(context: Context): void {
  if (context.format === undefined) return;
  throw new UserError("USAGE", "--follow writes the job's own output: it has no output format");
}
