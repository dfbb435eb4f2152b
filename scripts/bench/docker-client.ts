import { delimiter, join } from "node:path";
import { UserError } from "@workstation/cli";
import { $ } from "zx/core";
import { runProgram } from "./run-program.ts";

/** One `docker build`, as a person types it. */
export interface BuildByHand {
  readonly context: string;
  /** What FROM names. */
  readonly parent: string;
  readonly tag: string;
  readonly noCache?: boolean;
}

/** Docker's own client, its start included. Throws `NO_DOCKER_CLIENT` where none here builds with BuildKit. */
export async function dockerClient(): Promise<(build: BuildByHand) => Promise<void>> {
  for (const path of (process.env.PATH ?? "").split(delimiter)) {
    const program = join(path, "docker");
    if (await buildsWithBuildKit(program)) return (build) => buildWith(program, build);
  }
  throw new UserError("NO_DOCKER_CLIENT", "no docker on the PATH builds with BuildKit", {
    hint: "install Docker's command line with its buildx",
  });
}

/** A client without buildx refuses, or answers that it is not there; the oldest have it built in. */
async function buildsWithBuildKit(program: string): Promise<boolean> {
  const { ok, stdall } = await $({ nothrow: true, quiet: true, env: withBuildKit })`${program} build --help`;
  return ok && /--secret\b/.test(stdall);
}

const withBuildKit = { ...process.env, DOCKER_BUILDKIT: "1" };

async function buildWith(program: string, build: BuildByHand): Promise<void> {
  const options = ["--quiet", "--tag", build.tag, ...(build.noCache === true ? ["--no-cache"] : [])];
  const argv = ["build", ...options, "--build-arg", `PARENT=${build.parent}`, build.context];
  await runProgram([program, ...argv], withBuildKit);
}
