import { setTimeout as pause } from "node:timers/promises";
import { exitCodes, printable, type Reporter, UserError } from "@workstation/cli";
import {
  type DockerConnection,
  execInContainer,
  inspectContainer,
  isBeyondLimits,
  statusOf,
} from "@workstation/docker";
import { lastWords } from "./last-words.ts";

/**
 * How long a desktop may take, how often it is asked, and how long one answer may take: the engine's own checks begin half a
 * minute after the start.
 */
const patience = { limitMs: 120_000, everyMs: 200, answerMs: 20_000 };

/**
 * Waits until a desktop says that it can be used. Throws `DESKTOP_ENDED` with its last words, and `DESKTOP_NOT_READY` with
 * what it lacks.
 */
export async function awaitDesktop(
  docker: DockerConnection,
  id: string,
  wait: {
    /** The image's own check. */
    readonly health: readonly string[];
    readonly reporter: Reporter;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const deadline = performance.now() + patience.limitMs;
  let words = "";
  while (performance.now() < deadline) {
    await insistThatItRuns(docker, id);
    const { exitCode, stdout } = await check(docker, id, wait);
    if (exitCode === 0) return;
    if (stdout !== words) wait.reporter.progress(printable(stdout.trim()));
    words = stdout;
    await pause(patience.everyMs, undefined, { signal: wait.signal });
  }
  throw new UserError("DESKTOP_NOT_READY", `the desktop does not become usable: ${words.trim()}`, {
    hint: `its last words were: ${await lastWords(docker, id)}`,
    exitCode: exitCodes.failure,
  });
}

/** One that has just ended takes no command; the next look at it says so. A check that does not end is none that is good. */
async function check(
  docker: DockerConnection,
  id: string,
  { health, signal }: { readonly health: readonly string[]; readonly signal: AbortSignal },
) {
  const limits = { limitMs: patience.answerMs, outputLimitBytes: 64 * 1024 };
  try {
    return await execInContainer(docker, id, { command: health, signal, ...limits });
  } catch (error) {
    if (statusOf(error) === 409) return { exitCode: 1, stdout: "" };
    if (isBeyondLimits(error))
      return { exitCode: 1, stdout: `${error.message}; what its user put in place may hold it up` };
    throw error;
  }
}

async function insistThatItRuns(docker: DockerConnection, id: string): Promise<void> {
  const state = await inspectContainer(docker, id);
  if (state?.status === "running") return;
  const words = state === undefined ? "" : await lastWords(docker, id);
  throw new UserError(
    "DESKTOP_ENDED",
    `the desktop ended at its start (exit ${state?.exitCode}):\n${words}`,
    {
      exitCode: exitCodes.failure,
    },
  );
}
