import { formatBytes, formatClock, formatDuration } from "@workstation/cli";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import { type JobRecord, type StartEstimate, signalOf } from "../queue/index.ts";
import { adviseFlavor } from "./flavor-advice.ts";

/** What a sentence about a job needs beside its record. */
export interface MessageContext {
  readonly flavors: readonly OfferedFlavor[];
  readonly estimate?: StartEstimate;
  readonly startError?: string;
  /** What a job may hold on disk. */
  readonly scratch: { readonly bytes: number; readonly files: number };
}

/** One sentence for the job's owner: what happened, and what would help. */
export function describeJob(record: JobRecord, context: MessageContext): string {
  switch (record.state) {
    case "queued":
      return describeQueued(record, context);
    case "starting":
      return describeStarting(record, context);
    case "running":
      return record.stopping === undefined
        ? `running: at most ${formatDuration(record.spec.timeLimitSeconds)}`
        : "running: it is being stopped";
    case "succeeded":
      return `succeeded: exit 0${after(record)}`;
    case "failed":
      return `failed: ${describeFailure(record, context)}`;
    case "expired":
      return `expired: stopped at its time limit of ${formatDuration(record.spec.timeLimitSeconds)}; ${expiryAdvice(record, context)}`;
    case "deleted":
      return `deleted: ${deletedBy(record)}${after(record)}`;
  }
}

function describeStarting({ stopping }: JobRecord, { startError }: MessageContext): string {
  if (stopping !== undefined) return "starting: it is being stopped";
  return `starting: ${startError ?? "its container is being started"}`;
}

function describeQueued(record: JobRecord, { estimate }: MessageContext): string {
  if (record.stopping !== undefined) return "queued: it is being removed";
  if (estimate === undefined) return "queued: waits for a slot";
  const place = `place ${estimate.position} for ${record.spec.flavor}`;
  if (estimate.reason === "NoDevices") return `queued: ${place}, which has no slots now`;
  if (estimate.reason === "UserLimit") return `queued: ${place}; another job of yours must end first`;
  return `queued: ${place}`;
}

function describeFailure(record: JobRecord, context: MessageContext): string {
  const exit = record.exitCode === undefined ? "" : `exit ${record.exitCode}, `;
  switch (record.reason) {
    case "OutOfMemory":
      return `${exit}out of memory (limit ${formatBytes(memoryOf(record, context))})${after(record)}${largerFlavor(record, context)}`;
    case "ScratchLimit":
      if (context.startError !== undefined) return `${context.startError}${after(record)}`;
      return `it filled its scratch space${after(record)}: home, /tmp and /var/tmp together may have ${scratchLimit(context)}; keep large results in the persistent home or the shared folder`;
    case "FlavorRemoved":
      return `the flavor ${record.spec.flavor} is no longer offered; submit it with another one: ${context.flavors.map(({ name }) => name).join(", ")}`;
    case "StartFailed":
      return `could not be started: ${context.startError ?? "the engine gave no reason"}`;
    case "InitFailed":
      return `${exit}its init.sh failed and this site lets that end a job${after(record)}`;
    case "NodeLost":
      return `${exit}the machine or its container engine went down, or took the job away${after(record)}; submit it again`;
    case "ContainerRemoved":
      return `its container was removed by somebody outside the queue${after(record)}; submit it again`;
    case "Signalled":
      return `exit ${record.exitCode}, ended by signal ${signalOf(record.exitCode ?? 0)}${after(record)}`;
    case "CommandFailed":
      return `exit ${record.exitCode}${after(record)}`;
    default:
      return `${exit}for a reason that the engine does not tell${after(record)}`;
  }
}

function scratchLimit({ scratch }: MessageContext): string {
  return `${formatBytes(scratch.bytes)} in ${scratch.files.toLocaleString("en-GB")} files`;
}

function deletedBy(record: JobRecord): string {
  const author = record.reason === "DeletedByOperator" ? "the operator" : "you";
  return record.startedAt === undefined ? `by ${author} before it started` : `by ${author}`;
}

function after({ startedAt, endedAt }: JobRecord): string {
  if (startedAt === undefined || endedAt === undefined) return "";
  return ` after ${formatClock((endedAt - startedAt) / 1000)}`;
}

function memoryOf(record: JobRecord, { flavors }: MessageContext): number {
  const flavor = flavors.find((each) => each.name === record.spec.flavor);
  return record.spec.memoryBytes ?? flavor?.resources.memoryBytes ?? 0;
}

function largerFlavor(record: JobRecord, context: MessageContext): string {
  const larger = adviseFlavor(record.spec, context.flavors, "memory");
  return larger === undefined ? "; no flavor here has more" : `; try -r ${larger.name}`;
}

function expiryAdvice(record: JobRecord, { flavors }: MessageContext): string {
  const longer = adviseFlavor(record.spec, flavors, "time");
  return longer === undefined ? "save intermediate results and go on from them" : `try -r ${longer.name}`;
}
