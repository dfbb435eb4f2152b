import { globSync } from "node:fs";
import type { UserError } from "@workstation/cli";
import type { TestResult } from "../results/results.ts";
import { projectFolder } from "../setup/places.ts";
import type { TestContext } from "./recorded.ts";

/** Tests that cannot run here, a skip a file that says why; whoever runs them is told the way out. */
export function skippedFor(
  error: UserError,
  pattern: string,
  { reporter }: Pick<TestContext, "reporter">,
): readonly TestResult[] {
  reporter.warn(`${error.message}\n  ${error.hint}`);
  const files = globSync(pattern, { cwd: projectFolder, exclude: (path) => path.includes("node_modules") });
  return files.map((name) => ({ name, state: "skipped", reason: error.message }));
}
