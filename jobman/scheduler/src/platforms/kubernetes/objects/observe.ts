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

function ended({ finished, spec, admittedAt }: JobView, pod: PodView | undefined): Observation {
  const end: PodEnd = pod?.end ?? { outOfMemory: false, nodeLost: finished?.disrupted === true };
  const told = finished?.succeeded === true ? 0 : finished?.exitCode;
  const exitCode =
    pod?.end === undefined ? told : (end.exitCode ?? (finished?.succeeded === true ? 0 : undefined));
  // A pod that is gone may have run; where its Job ran out of time without one, it never did.
  const mayHaveRun = pod === undefined && finished?.reason !== "DeadlineExceeded";
  const neverStarted = pod?.startedAt === undefined && exitCode === undefined && !mayHaveRun;
  const startError = end.startError ?? (neverStarted ? (pod?.waiting ?? finished?.reason) : undefined);
  // Of a pod that is gone its Job tells when it was let go, which is when it began, or little before.
  const startedAt = pod?.startedAt ?? (mayHaveRun ? admittedAt : undefined);
  return {
    phase: "ended",
    ...(startedAt === undefined ? {} : { startedAt }),
    endedAt: Math.max(end.at ?? finished?.at ?? 0, startedAt ?? spec.submittedAt),
    ...(exitCode === undefined ? {} : { exitCode }),
    outOfMemory: end.outOfMemory,
    nodeLost: end.nodeLost,
    ...(startError === undefined ? {} : { startError }),
  };
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
