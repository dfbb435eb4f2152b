import { appendFileSync } from "node:fs";
import type { ImageTestResult } from "../tested/passed-tests.ts";

/** Whoever started this program and sums up results names a file for them, `WORKSTATION_TEST_RESULTS`. */
export function resultsAreWanted(): boolean {
  return process.env.WORKSTATION_TEST_RESULTS !== undefined;
}

/** Hands results on to it, one a line; nothing where nobody asked. */
export function handOn(results: readonly ImageTestResult[]): void {
  const file = process.env.WORKSTATION_TEST_RESULTS;
  if (file === undefined) return;
  for (const result of results) appendFileSync(file, `${JSON.stringify(result)}\n`);
}
