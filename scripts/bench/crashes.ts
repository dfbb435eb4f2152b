import { exitCodes, UserError } from "@workstation/cli";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";
import type { BenchRow } from "./row.ts";

const rounds = process.env.WORKSTATION_CRASH_ROUNDS ?? "200";

/** Kills the scheduler at random moments, more often than the tests do, and looks at what is left. */
export async function benchCrashes(): Promise<BenchRow> {
  const env = { ...process.env, WORKSTATION_CRASH_ROUNDS: rounds };
  const scenario = "jobman/scheduler/src/scenarios/crash.docker.test.ts";
  const vitest = $({ cwd: projectFolder, nothrow: true, quiet: true, env });
  const result = await vitest`vitest run --project docker-alone ${scenario} --testTimeout 3600000`;
  if (!result.ok) {
    throw new UserError(
      "CRASH_TEST_FAILED",
      `after kill -9 something was wrong:\n${result.stdall.slice(-4000)}`,
      {
        hint: "the seed that repeats it is above",
        exitCode: exitCodes.failure,
      },
    );
  }
  return {
    what: `\`kill -9\` of the scheduler at random moments, ${rounds} times`,
    ours: "no job lost, none run twice, no slot over",
    reference: "",
    ratio: "",
    target: "the same",
    met: true,
    note: "",
  };
}
