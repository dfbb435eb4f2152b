import { bearsStopSignal } from "../../../queue/ends.ts";
import type { Observation } from "../../../queue/model.ts";
import type { EngineJob } from "../../engine.ts";
import type { JobView } from "./read-job.ts";
import type { PodEnd, PodView } from "./read-pod.ts";

/**
 * A Job and its pods as a job of the queue. It holds its slot from its admission until the Job counts no pod any more: a pod
 * that is going still takes what it was given. A pod whose Job is gone takes a slot, too.
 */
export function observeJob(job: JobView | undefined, pods: readonly PodView[]): EngineJob | undefined {
  if (job === undefined) return observeOrphan(pods);
  const pod = newest(pods);
  const stopping = job.stop === undefined ? {} : { stopping: job.stop };
  return { spec: job.spec, ...stopping, ...phaseOf(job, pod, pods) };
}

function phaseOf(job: JobView, pod: PodView | undefined, pods: readonly PodView[]): Observation {
  const busy = job.pods > 0 || pods.some(({ over }) => !over);
  if (job.suspended && !busy) return waits(job);
  if (job.finished !== undefined && !busy) return ended(job, pod);
  if (pod?.startedAt !== undefined) return { phase: "running", startedAt: pod.startedAt };
  return {
    phase: "starting",
    ...(job.admittedAt === undefined ? {} : { admittedAt: job.admittedAt }),
    ...(pod?.waiting === undefined ? {} : { startError: pod.waiting }),
  };
}

/** One that somebody stopped while it waited is over: nobody lets it go any more. */
function waits(job: JobView): Observation {
  if (job.stop === undefined && !job.leaving) return { phase: "held" };
  return { phase: "ended", ...(job.stopAt === undefined ? {} : { endedAt: job.stopAt }) };
}

function ended(job: JobView, pod: PodView | undefined): Observation {
  const { finished, spec } = job;
  const end: PodEnd = pod?.end ?? { outOfMemory: false, nodeLost: finished?.disrupted === true };
  const told = finished?.succeeded === true ? 0 : finished?.exitCode;
  const exitCode =
    pod?.end === undefined ? told : (end.exitCode ?? (finished?.succeeded === true ? 0 : undefined));
  // A pod that is gone may have run; where its Job ran out of time without one, it never did.
  const mayHaveRun = pod === undefined && finished?.reason !== "DeadlineExceeded";
  const neverStarted = pod?.startedAt === undefined && exitCode === undefined && !mayHaveRun;
  const startError = end.startError ?? (neverStarted ? (pod?.waiting ?? whyNever(finished)) : undefined);
  const startedAt = pod?.startedAt ?? (mayHaveRun ? startWithoutPod(job) : undefined);
  return {
    phase: "ended",
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt: Math.max(end.at ?? finished?.at ?? 0, startedAt ?? spec.submittedAt),
    ...(exitCode === undefined ? {} : { exitCode }),
    outOfMemory: end.outOfMemory,
    nodeLost: end.nodeLost || wasTakenAway(job, pod),
    ...(startError === undefined ? {} : { startError }),
  };
}

function whyNever(finished: JobView["finished"]): string | undefined {
  return finished?.reason === "DeadlineExceeded" ? "it had not started by then" : finished?.reason;
}

/** Somebody deleted the pod under a job that nobody stopped, as who drains a node does; the program is not to blame. */
function wasTakenAway({ stop, leaving }: JobView, pod: PodView | undefined): boolean {
  return pod?.leaving === true && stop === undefined && !leaving && bearsStopSignal(pod.end ?? {});
}

/** Of a pod that is gone its Job tells when it was let go: nobody who was not ended took longer than its limit since it began. */
function startWithoutPod({ admittedAt, finished, stop, spec }: JobView): number | undefined {
  if (admittedAt === undefined || finished === undefined || stop !== undefined) return admittedAt;
  return Math.max(admittedAt, finished.at - spec.timeLimitSeconds * 1000 + 1);
}

/** What a pod alone tells of its job: whose slot it takes. */
function observeOrphan(pods: readonly PodView[]): EngineJob | undefined {
  const pod = pods.find(({ over }) => !over);
  if (pod === undefined) return undefined;
  const startedAt = pod.startedAt === undefined ? {} : { startedAt: pod.startedAt };
  return {
    phase: "running",
    ...startedAt,
    spec: {
      id: pod.id,
      name: pod.jobName,
      owner: pod.owner,
      flavor: pod.flavor,
      ...{ uid: 0, gid: 0, image: "", arguments: [], exact: false, annotations: {}, datasets: [] },
      ...{ timeLimitSeconds: 0, sequence: 0, submittedAt: pod.startedAt ?? 0 },
    },
  };
}

function newest(pods: readonly PodView[]): PodView | undefined {
  return pods.reduce<PodView | undefined>(
    (best, pod) =>
      best === undefined || BigInt(pod.resourceVersion) > BigInt(best.resourceVersion) ? pod : best,
    undefined,
  );
}
