import { UserError } from "@workstation/cli";
import { execa } from "execa";
import { projectFolder } from "../setup/places.ts";
import type { BenchRow } from "./row.ts";

const rounds = process.env.WORKSTATION_CRASH_ROUNDS ?? "200";

/** Kills the scheduler at random moments, more often than the tests do, and looks at what is left. */
export async function benchCrashes(): Promise<BenchRow> {
  const argv = [
    "run",
    "--project",
    "docker",
    "jobman/scheduler/src/scenarios/crash.docker.test.ts",
    "--testTimeout",
    "3600000",
  ];
  const result = await execa("vitest", argv, {
    cwd: projectFolder,
    all: true,
    reject: false,
    env: { WORKSTATION_CRASH_ROUNDS: rounds },
  });
  if (result.failed) {
    throw new UserError(
      "CRASH_TEST_FAILED",
      `after kill -9 something was wrong:\n${result.all.slice(-4000)}`,
      {
        hint: "the seed that repeats it is above",
        exitCode: 1,
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
