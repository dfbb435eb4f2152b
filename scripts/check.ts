import { createReporter, exitCodes, runCommand } from "@workstation/cli";
import { checks, runChecks } from "./check/checks.ts";
import { summaryLine } from "./results/results.ts";

/** `npm run check`: everything that can be said of the sources without Docker. */
async function main(): Promise<number> {
  const results = await runChecks(createReporter(process.stderr), checks);
  process.stdout.write(`${summaryLine(results)}\n`);
  return results.some((each) => each.state === "failed") ? exitCodes.failure : exitCodes.ok;
}

process.exitCode = await runCommand(main, process.stderr);
