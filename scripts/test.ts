import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createReporter, exitCodes, runCommand, UserError } from "@workstation/cli";
import { describeSkips, enforceSkips, summaryLine, type TestResult } from "./results/results.ts";
import { localFolder, projectFolder } from "./setup/places.ts";
import { parts } from "./test-parts/parts.ts";

/** `npm test [-- PART ...]`: all parts in turn, what they need installed first, and one closing line over all. */
async function main(names: readonly string[]): Promise<number> {
  const known = parts.map((part) => part.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError("PART_UNKNOWN", `"${unknown}" is no part of the tests`, {
      hint: `parts: ${known.join(", ")}`,
    });
  }
  const reporter = createReporter(process.stderr);
  const context = { localFolder: localFolder(), signal: stopSignal() };
  const results: TestResult[] = [];
  for (const part of parts.filter((each) => names.length === 0 || names.includes(each.name))) {
    const found = await reporter.step(part.title, (inner) => part.run({ ...context, reporter: inner }));
    results.push(...found);
  }
  return conclude(results);
}

/** Ctrl-C at a terminal reaches all that runs; these reach this process alone. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGHUP"] as const) {
    process.once(name, () =>
      stop.abort(
        new UserError("STOPPED", `the tests were stopped by ${name}`, { exitCode: exitCodes.failure }),
      ),
    );
  }
  return stop.signal;
}

function conclude(results: readonly TestResult[]): number {
  const enforced =
    process.env.CI === "true"
      ? enforceSkips(results, readFileSync(join(projectFolder, ".ci/allowed-skips"), "utf8"))
      : results;
  const failures = enforced.filter((each) => each.state === "failed");
  const lines = [
    ...failures.map(
      (each) => `failed: ${each.name}${each.reason === "" ? "" : ` (${each.reason.split("\n")[0]})`}`,
    ),
    ...describeSkips(enforced).map((line) => `skipped: ${line}`),
    summaryLine(enforced),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  return failures.length === 0 && enforced.length > 0 ? exitCodes.ok : exitCodes.failure;
}

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
