import { cellText, exitCodes, type Reporter, UserError } from "@workstation/cli";
import type { Api } from "../api/api.ts";
import type { Job } from "../protocol/index.ts";
import { isActive } from "../protocol/job-states.ts";
import { routes } from "../protocol/routes.ts";
import { copyLog } from "./copy-log.ts";
import { jobLine, jobStep } from "./job-line.ts";
import type { JobOutput } from "./job-output.ts";
import { createRetry, type Retry } from "./retry.ts";

/** What following a job needs. */
export interface Following {
  readonly api: Api;
  readonly output: JobOutput;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of the job's states and of lost connections. */
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  /** How long the scheduler may be away, in milliseconds. */
  readonly patience: number;
}

/**
 * Follows a job through queue, start and run to its end: its output goes to stdout and stderr as it comes, its states
 * to the reporter. A lost connection is taken up again without losing or repeating a line. Returns the ended job.
 */
export async function followJob(following: Following, name: string): Promise<Job> {
  const stop = linkedController(following.signal);
  const { signal } = stop;
  const retry = createRetry({ ...following, signal });
  const end = createEnd();
  let log: Promise<void> | undefined;
  try {
    for await (const job of changes({ ...following, signal }, name, retry)) {
      if (job.startedAt !== undefined && log === undefined) {
        log = copyLog({ ...following, signal, name, retry, ended: end.reached });
        log.catch((error: unknown) => stop.abort(error));
      }
      if (isActive(job.state)) continue;
      end.reach();
      await log;
      return job;
    }
  } finally {
    stop.abort();
  }
  throw new Error("the states of a job ended before the job");
}

/** A controller of our own that also stops when `outer` does. */
function linkedController(outer: AbortSignal): AbortController {
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  if (outer.aborted) stop();
  else outer.addEventListener("abort", stop, { once: true, signal: controller.signal });
  return controller;
}

function createEnd(): { readonly reached: Promise<void>; readonly reach: () => void } {
  let reach = (): void => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  return { reached, reach: () => reach() };
}

/** The job at each change, told to the reporter, until it has ended. */
async function* changes(following: Following, name: string, retry: Retry): AsyncGenerator<Job, void> {
  let last: Job | undefined;
  for (;;) {
    try {
      for await (const job of following.api.lines<Job>(routes.watch(name), following.signal)) {
        retry.succeeded();
        refuseAnother(last, job);
        tell(following.reporter, last, job);
        last = job;
        yield job;
        if (!isActive(job.state)) return;
      }
      await retry.pause();
    } catch (error) {
      await retry.afterError(error);
    }
  }
}

function tell(reporter: Reporter, last: Job | undefined, job: Job): void {
  const isNews = last === undefined || jobStep(last) !== jobStep(job);
  if (isActive(job.state) && isNews) reporter.info(jobLine(job));
  if (job.warning !== undefined && job.warning !== last?.warning) reporter.warn(cellText(job.warning));
}

function refuseAnother(last: Job | undefined, job: Job): void {
  if (last === undefined || last.id === job.id) return;
  throw new UserError("NO_SUCH_JOB", `the job "${job.name}" was removed; another one has its name now`, {
    exitCode: exitCodes.notFound,
  });
}
