import { setTimeout as sleep } from "node:timers/promises";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";

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

/** Nobody is there, or another is about to be: of a scheduler with several replicas, one goes after the other. */
const passingFaults: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ENOENT", "ECONNRESET", "ETIMEDOUT", "EAGAIN"],
  ...["ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"],
  ...["ENGINE_UNAVAILABLE", "AUTHENTICATION_UNAVAILABLE", "HTTP_502", "HTTP_503", "HTTP_504"],
]);

function isPassing(error: unknown): error is UserError {
  return error instanceof UserError && passingFaults.has(error.code);
}

function goneError(cause: Error): UserError {
  return new UserError("SCHEDULER_GONE", `the scheduler did not come back: ${cause.message}`, {
    exitCode: exitCodes.unavailable,
    hint: "the job is not lost by this; see it with: jobman list",
    cause,
  });
}
