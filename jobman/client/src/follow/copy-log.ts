import { cellText, type Reporter, UserError } from "@workstation/cli";
import type { Api } from "../api/api.ts";
import type { LogPiece } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";
import type { JobOutput } from "./job-output.ts";
import type { Retry } from "./retry.ts";

/** A job's output to be copied to its end. */
export interface LogCopy {
  readonly api: Api;
  readonly output: JobOutput;
  readonly reporter: Reporter;
  readonly name: string;
  readonly signal: AbortSignal;
  readonly retry: Retry;
  /** Resolves once the job is known to have ended. */
  readonly ended: Promise<void>;
}

/**
 * Copies a job's output until it is complete: that is when an answer that began after the job's end was read whole,
 * because a scheduler that shuts down ends its answers in good order too. Each byte is written once.
 */
export async function copyLog(copy: LogCopy): Promise<void> {
  let hasEnded = false;
  const ended = copy.ended.then(() => {
    hasEnded = true;
  });
  let after: string | undefined;
  for (;;) {
    const isLast = hasEnded;
    try {
      const path = logPath(copy.name, { after, follow: true });
      for await (const piece of copy.api.lines<LogPiece>(path, copy.signal)) {
        copy.retry.succeeded();
        await copy.output.write(piece);
        after = piece.cursor;
      }
      if (isLast) return;
      if (!hasEnded) await Promise.race([ended, copy.retry.pause()]);
    } catch (error) {
      if (isGone(error, hasEnded)) return copy.reporter.warn(cellText(error.message));
      await copy.retry.afterError(error);
    }
  }
}

/** Output that went away with its container or record does not change how the job ended. */
function isGone(error: unknown, hasEnded: boolean): error is UserError {
  if (!(error instanceof UserError)) return false;
  return error.code === "LOG_GONE" || (hasEnded && error.code === "NO_SUCH_JOB");
}

/** The API's path for a job's output, from behind the piece with the cursor `after`. */
export function logPath(
  name: string,
  wanted: { readonly after?: string | undefined; readonly follow: boolean },
): string {
  const query = new URLSearchParams({ follow: String(wanted.follow) });
  if (wanted.after !== undefined) query.set("after", wanted.after);
  return `${routes.log(name)}?${query}`;
}
