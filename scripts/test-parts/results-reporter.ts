import { appendFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { TestResult } from "../results/results.ts";

/** Appends one line of JSON a test to the file that `WORKSTATION_TEST_RESULTS` names, so that several runs can be summed. */
export default class ResultsReporter implements Reporter {
  readonly #file = process.env.WORKSTATION_TEST_RESULTS ?? "test-results.jsonl";

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    this.#append({
      name: `${test.module.relativeModuleId} > ${test.fullName}`,
      state: result.state === "passed" || result.state === "failed" ? result.state : "skipped",
      reason: result.state === "skipped" ? (result.note ?? "") : "",
    });
  }

  onTestModuleEnd(module: TestModule): void {
    for (const error of module.errors()) {
      this.#append({ name: module.relativeModuleId, state: "failed", reason: error.message });
    }
  }

  #append(result: TestResult): void {
    appendFileSync(this.#file, `${JSON.stringify(result)}\n`);
  }
}
