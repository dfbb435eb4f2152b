import { parseArgs } from "node:util";
import { createReporter, runCommand } from "@workstation/cli";
import { makeContext } from "./start/context.ts";
import { stopScheduler } from "./start/scheduler.ts";

/** `npm stop`: stops the scheduler. Running jobs go on, and the next scheduler takes them over. */
async function main(argv: readonly string[]): Promise<undefined> {
  const { values } = parseArgs({
    args: [...argv],
    options: { state: { type: "string" }, run: { type: "string" }, instance: { type: "string" } },
  });
  const stopped = await stopScheduler(makeContext(values));
  const reporter = createReporter(process.stderr);
  if (!stopped) reporter.info("no scheduler runs here");
  return undefined;
}

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
