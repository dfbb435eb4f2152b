/** What became of one test, check or step of set-up. */
export interface TestResult {
  readonly name: string;
  readonly state: "passed" | "failed" | "skipped";
  /** Why it was skipped, or failed before it began. */
  readonly reason: string;
}

/** Reads the lines that the results reporter appended. */
export function parseResults(text: string): readonly TestResult[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as TestResult);
}

/** The closing line that continuous integration reads. */
export function summaryLine(results: readonly TestResult[]): string {
  const count = (state: TestResult["state"]): number => results.filter((each) => each.state === state).length;
  return `${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
}

/** Skips grouped by reason, for a reader. */
export function describeSkips(results: readonly TestResult[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const each of results.filter((result) => result.state === "skipped")) {
    const reason = each.reason === "" ? `no reason given (${each.name})` : each.reason;
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, times]) => `${times} × ${reason}`);
}

/**
 * With a list of allowed skips, turns every other skip into a failure: nothing disappears unseen.
 * A line of the list is a piece of a reason; blank lines and lines that begin with # say why.
 */
export function enforceSkips(results: readonly TestResult[], allowed: string): readonly TestResult[] {
  const pieces = allowed.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return results.map((each) => {
    if (each.state !== "skipped" || pieces.some((piece) => each.reason.includes(piece))) return each;
    return {
      ...each,
      state: "failed",
      reason: `this skip is not on the list .ci/allowed-skips: ${each.reason}`,
    };
  });
}
