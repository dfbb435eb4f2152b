import { setTimeout as sleep } from "node:timers/promises";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { ConnectionError } from "../api/connection-error.ts";

/** How a lost scheduler is waited for; shared by everything that follows one job, so that each is told once. */
export interface Retry {
  /** Call with each error: waits and returns when another attempt makes sense, else throws. */
  afterError(error: unknown): Promise<void>;
  /** Waits a little after an answer that ended too early. */
  pause(): Promise<void>;
  /** Call when the scheduler answers again. */
  succeeded(): void;
}

export interface RetryOptions {
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** How long the scheduler may be away, in milliseconds. */
  readonly patience: number;
}

const firstPause = 100;
const longestPause = 5_000;

export function createRetry({ reporter, signal, now, patience }: RetryOptions): Retry {
  let lostAt: number | undefined;
  let pause = firstPause;
  const wait = async (): Promise<void> => {
    const current = pause;
    pause = Math.min(pause * 2, longestPause);
    await sleep(current, undefined, { signal }).catch(() => signal.throwIfAborted());
  };
  return {
    pause: wait,
    succeeded: () => {
      if (lostAt !== undefined) reporter.info("connected again");
      lostAt = undefined;
      pause = firstPause;
    },
    afterError: async (error) => {
      signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      if (lostAt === undefined) {
        reporter.info(`connection to the scheduler lost (${error.message}); trying again`);
        lostAt = now();
      }
      if (now() - lostAt >= patience) throw goneError(error);
      await wait();
    },
  };
}

const passingFaults: readonly string[] = ["ECONNREFUSED", "ENOENT", "ECONNRESET", "ETIMEDOUT", "EAGAIN"];

function isPassing(error: unknown): error is Error {
  if (error instanceof ConnectionError) return passingFaults.includes(error.code);
  return error instanceof UserError && error.code === "ENGINE_UNAVAILABLE";
}

function goneError(cause: Error): UserError {
  return new UserError("SCHEDULER_GONE", `the scheduler did not come back: ${cause.message}`, {
    exitCode: exitCodes.unavailable,
    hint: "the job is not lost by this; see it with: jobman list",
    cause,
  });
}
