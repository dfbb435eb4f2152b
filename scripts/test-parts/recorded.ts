import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import { $ } from "zx/core";
import { parseResults, type TestResult } from "../results/results.ts";
import { projectFolder } from "../setup/places.ts";

/** What a part of the tests needs to run. */
export interface TestContext {
  readonly reporter: Reporter;
  readonly localFolder: string;
  /** Whoever stops the tests stops what they run. */
  readonly signal: AbortSignal;
}

/** The results of one of vitest's projects. */
export function vitest(context: TestContext, project: string): Promise<readonly TestResult[]> {
  return recorded(context, ["vitest", "run", "--project", project], { part: project });
}

/**
 * Runs a program whose vitest writes its results where we read them; a failure that no test explains is one of its own. Throws
 * the signal's reason when that is aborted, after the program has ended.
 */
export async function recorded(
  context: TestContext,
  argv: readonly [string, ...string[]],
  run: { readonly part: string; readonly environment?: Readonly<Record<string, string>> },
): Promise<readonly TestResult[]> {
  const file = join(context.localFolder, `test-results-${run.part}-${process.pid}.jsonl`);
  const { exitCode } = await $({
    cwd: projectFolder,
    stdio: ["ignore", "inherit", "inherit"],
    nothrow: true,
    signal: context.signal,
    env: { ...process.env, ...run.environment, WORKSTATION_TEST_RESULTS: file },
  })`${argv}`;
  context.signal.throwIfAborted();
  const results = existsSync(file) ? parseResults(readFileSync(file, "utf8")) : [];
  if (exitCode === 0 || results.some((each) => each.state === "failed")) return results;
  return [
    ...results,
    { name: argv.join(" "), state: "failed", reason: `ended with ${exitCode ?? "a signal"}` },
  ];
}
