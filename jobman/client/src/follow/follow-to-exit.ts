import { cellText, createReporter, exitCodes, formatDuration } from "@workstation/cli";
import type { Context } from "../context.ts";
import { type Following, followJob } from "./follow-job.ts";
import { createJobOutput } from "./job-output.ts";
import { outcomeExitCode, outcomeLine } from "./outcome.ts";

const patience = 10 * 60_000;

/**
 * Follows a job and returns the exit code of the command that does so: the job's own, 124 when `timeoutSeconds` are
 * over, 130 after Ctrl-C; in the last two cases the job goes on. A second Ctrl-C ends the process at once.
 */
export async function followToExit(
  context: Context,
  name: string,
  timeoutSeconds: number | undefined,
): Promise<number> {
  const detaching = new AbortController();
  const stopListening = context.io.onInterrupt(() => {
    if (detaching.signal.aborted) context.io.abandon(exitCodes.detached);
    detaching.abort(new Detached(exitCodes.detached, "detached"));
  });
  const stopWatchingReader = context.io.onReaderGone(() =>
    detaching.abort(new Detached(exitCodes.detached, "nobody reads the output any more")),
  );
  const timer = startTimer(detaching, timeoutSeconds);
  const following = createFollowing(context, detaching.signal);
  try {
    const job = await followJob(following, name);
    following.output.finish();
    following.reporter.info(outcomeLine(job));
    return outcomeExitCode(job);
  } catch (error) {
    following.output.endLine();
    if (!(error instanceof Detached)) throw error;
    context.io.stderr.write(`${error.message}: ${cellText(name)} goes on\n${waysOn(cellText(name))}`);
    return error.exitCode;
  } finally {
    clearTimeout(timer);
    stopListening();
    stopWatchingReader();
  }
}

/** Nobody waits any more; the job goes on. */
class Detached extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

const longestTimer = 2 ** 31 - 1;

function startTimer(detaching: AbortController, seconds: number | undefined): NodeJS.Timeout | undefined {
  if (seconds === undefined) return undefined;
  const reason = new Detached(exitCodes.timeout, `stopped waiting after ${formatDuration(seconds)}`);
  return setTimeout(() => detaching.abort(reason), Math.min(seconds * 1000, longestTimer));
}

function waysOn(name: string): string {
  return `  follow it: jobman logs -f ${name}\n  cancel it: jobman delete ${name}\n`;
}

function createFollowing(context: Context, signal: AbortSignal): Following {
  const { api, io } = context;
  const output = createJobOutput(io, context);
  const reporter = createReporter(context.quiet ? { write: () => true } : output.status, io.now);
  return { api, output, reporter, signal, patience, now: io.now };
}
