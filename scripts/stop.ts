import { createReporter, exitCodes, runCommand } from "@workstation/cli";
import { makeContext } from "./start/context.ts";
import { readOptions } from "./start/read-options.ts";
import { stopScheduler } from "./start/scheduler.ts";

/** `npm stop`: stops the scheduler. Running jobs go on, and the next scheduler takes them over. */
async function main(argv: readonly string[]): Promise<number> {
  const values = readOptions(argv);
  if (values.help === true) {
    process.stdout.write(usage);
    return exitCodes.ok;
  }
  const stopped = await stopScheduler(makeContext(values));
  const reporter = createReporter(process.stderr);
  if (!stopped) reporter.info("no scheduler runs here");
  return exitCodes.ok;
}

const usage = `npm stop [-- --state DIR --run DIR --instance NAME]

Stops the scheduler that npm start started with the same options; jobs go on running.
`;

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
