import type { JobReason, JobRecord, JobState, Observation } from "./model.ts";

/** A final state and why. */
export interface End {
  readonly state: Extract<JobState, "succeeded" | "failed" | "expired" | "deleted">;
  readonly reason: JobReason;
}

/**
 * How a job ended. The first rule that holds decides: somebody deleted it; the site's rules ended it; it ran to its limit, whatever its exit
 * code, so that the answer is the same before and after a restart of the scheduler; it never started; the machine
 * went away; its object was removed; then its own exit.
 */
export function endOf(record: JobRecord, job: Observation, removed: boolean): End {
  return (
    deletedEnd(record) ??
    siteEnd(record) ??
    expiredEnd(record, job) ??
    faultEnd(record, job) ??
    removedEnd(removed) ??
    exitEnd(job)
  );
}

/**
 * The signal behind an exit code by the shells' rule, 128 + n (POSIX.1-2024, Shell Command Language 2.8.2, asks
 * for more than 128; every common shell, and Docker, adds 128); undefined when it is no signal's.
 */
export function signalOf(exitCode: number): number | undefined {
  const signal = exitCode - 128;
  return signal >= 1 && signal <= highestSignal ? signal : undefined;
}

/** SIGRTMAX on Linux. */
const highestSignal = 64;

function deletedEnd({ stopping }: JobRecord): End | undefined {
  if (stopping === "user") return { state: "deleted", reason: "DeletedByUser" };
  if (stopping === "operator") return { state: "deleted", reason: "DeletedByOperator" };
  return undefined;
}

function siteEnd({ stopping, startedAt }: JobRecord): End | undefined {
  if (stopping === "scratch") return failed("ScratchLimit");
  if (stopping === "startTimeout" && startedAt === undefined) return failed("StartFailed");
  return stopping === "flavorRemoved" ? failed("FlavorRemoved") : undefined;
}

/**
 * The engine's times decide, so that a job which ended by itself just before its limit is not called expired when
 * the message of that came late. Where clocks disagree, a job stopped at its limit may seem to have ended before:
 * then the signal tells.
 */
function expiredEnd({ spec, startedAt, endedAt, stopping }: JobRecord, job: Observation): End | undefined {
  if (startedAt === undefined || endedAt === undefined) return undefined;
  const ranOut = endedAt - startedAt >= spec.timeLimitSeconds * 1000;
  const wasStopped = stopping === "deadline" && bearsStopSignal(job);
  return ranOut || wasStopped ? { state: "expired", reason: "DeadlineExceeded" } : undefined;
}

/** Whether it ended as what is told to stop does, and for no reason of its own or its machine's that is known. */
export function bearsStopSignal({
  exitCode,
  nodeLost,
  outOfMemory,
}: Pick<Observation, "exitCode" | "nodeLost" | "outOfMemory">): boolean {
  const byTermOrKill = exitCode === undefined || exitCode === 143 || exitCode === 137;
  return byTermOrKill && !nodeLost && !outOfMemory;
}

function faultEnd(record: JobRecord, job: Observation): End | undefined {
  if (job.startError !== undefined && record.startedAt === undefined) return failed("StartFailed");
  if (job.nodeLost) return failed("NodeLost");
  return job.initFailed ? failed("InitFailed") : undefined;
}

function removedEnd(removed: boolean): End | undefined {
  return removed ? failed("ContainerRemoved") : undefined;
}

/** One killed process does not fail a job whose command then ended with 0. */
function exitEnd({ exitCode, outOfMemory }: Observation): End {
  if (exitCode === 0) return { state: "succeeded", reason: "Completed" };
  if (outOfMemory) return failed("OutOfMemory");
  if (exitCode === undefined) return failed("Unknown");
  return failed(signalOf(exitCode) === undefined ? "CommandFailed" : "Signalled");
}

function failed(reason: JobReason): End {
  return { state: "failed", reason };
}
