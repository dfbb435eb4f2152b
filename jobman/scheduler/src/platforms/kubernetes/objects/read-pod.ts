import type { V1ContainerStatus, V1Pod, V1PodCondition } from "@kubernetes/client-node";
import { containerLabels } from "@workstation/site";
import { cutText } from "../../../shortening/cut-texts.ts";
import type { Reflected } from "../api/reflector.ts";
import { jobContainer, namespaceOf } from "./names.ts";
import type { Reading } from "./read-job.ts";

/** What is kept of a pod. */
export interface PodView extends Reflected {
  readonly namespace: string;
  readonly name: string;
  /** The UID of its Job. */
  readonly job: string;
  readonly jobName: string;
  readonly id: string;
  readonly owner: string;
  readonly flavor: string;
  /** The kubelet is done with it. */
  readonly over: boolean;
  /** It is being deleted. */
  readonly leaving: boolean;
  readonly startedAt?: number;
  readonly end?: PodEnd;
  /** Why its container does not run yet, in words for its owner. */
  readonly waiting?: string;
}

export interface PodEnd {
  readonly at?: number;
  readonly exitCode?: number;
  readonly outOfMemory: boolean;
  /** The machine went away, or took the pod away to save itself. */
  readonly nodeLost: boolean;
  /** The container was never started, for this reason. */
  readonly startError?: string;
}

/** A kubelet repeats what it was given, as an image's name. */
const longestReason = 2000;

/** A pod of one of this instance's jobs, in its owner's namespace; undefined for any other. */
export function readPod(pod: V1Pod, { instance, site }: Reading): PodView | undefined {
  const { metadata = {}, status = {} } = pod;
  const { uid, resourceVersion, namespace, name, labels = {} } = metadata;
  if (labels[containerLabels.instance] !== instance || labels[containerLabels.kind] !== "job")
    return undefined;
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === "Job");
  if (uid === undefined || resourceVersion === undefined || name === undefined || namespace === undefined) {
    return undefined;
  }
  if (namespace !== namespaceOf(site, labels[containerLabels.owner] ?? "")) return undefined;
  const state = containerState(pod);
  const started = state?.running?.startedAt ?? state?.terminated?.startedAt;
  const over = status.phase === "Succeeded" || status.phase === "Failed";
  const waiting = over ? undefined : whyNotRunning(pod);
  return {
    uid,
    resourceVersion,
    namespace,
    name,
    job: owner?.uid ?? "",
    jobName: owner?.name ?? "",
    id: labels[containerLabels.id] ?? owner?.uid ?? "",
    owner: labels[containerLabels.owner] ?? "",
    flavor: labels[containerLabels.flavor] ?? "",
    over,
    leaving: metadata.deletionTimestamp !== undefined,
    ...(isTime(started) ? { startedAt: Date.parse(String(started)) } : {}),
    ...(over || state?.terminated !== undefined ? { end: endOf(pod) } : {}),
    ...(waiting === undefined ? {} : { waiting: cutText(waiting, longestReason) }),
  };
}

function containerState({ status }: V1Pod): V1ContainerStatus["state"] {
  return status?.containerStatuses?.find(({ name }) => name === jobContainer)?.state;
}

/** The runtime writes the epoch for what never happened. */
function isTime(value: unknown): boolean {
  return value !== undefined && value !== null && Date.parse(String(value)) > 0;
}

function endOf(pod: V1Pod): PodEnd {
  const ended = containerState(pod)?.terminated;
  const neverBegan = ended !== undefined && !isTime(ended.startedAt);
  const isLost = lostWithNode(pod) || runtimeLost.has(ended?.reason ?? "");
  const exitIsKnown = ended !== undefined && !neverBegan && !runtimeLost.has(ended.reason ?? "");
  return {
    ...(isTime(ended?.finishedAt) ? { at: Date.parse(String(ended?.finishedAt)) } : {}),
    ...(exitIsKnown ? { exitCode: ended.exitCode } : {}),
    outOfMemory: ended?.reason === "OOMKilled",
    nodeLost: isLost,
    ...(neverBegan
      ? { startError: cutText(ended.message ?? ended.reason ?? "it could not be started", longestReason) }
      : {}),
  };
}

/** What containerd and a kubelet write of a container that was gone when they came back: its exit code is made up. */
const runtimeLost = new Set(["Unknown", "ContainerStatusUnknown"]);

/** Reasons of a pod's end that are no fault of its own. */
const lostReasons = new Set([
  "NodeLost",
  "NodeShutdown",
  "Terminated",
  "Shutdown",
  "NodeAffinity",
  "UnexpectedAdmissionError",
]);
const disruptions = new Set([
  "DeletionByTaintManager",
  "DeletionByPodGC",
  "TerminationByKubelet",
  "PreemptionByScheduler",
]);

function lostWithNode({ status }: V1Pod): boolean {
  if (lostReasons.has(status?.reason ?? "")) return true;
  return (
    conditionOf(status?.conditions, "DisruptionTarget", (reason) => disruptions.has(reason)) !== undefined
  );
}

function conditionOf(
  conditions: V1PodCondition[] | undefined,
  wanted: string,
  fits: (reason: string) => boolean,
): V1PodCondition | undefined {
  return conditions?.find(
    ({ type, status, reason = "" }) => type === wanted && status === "True" && fits(reason),
  );
}

/** What keeps a container from running, where somebody can do something about it; undefined while all goes its way. */
function whyNotRunning(pod: V1Pod): string | undefined {
  const unplaced = pod.status?.conditions?.find(
    ({ type, status }) => type === "PodScheduled" && status === "False",
  );
  if (unplaced !== undefined) return `no node has room for it: ${unplaced.message ?? unplaced.reason ?? ""}`;
  const waiting = containerState(pod)?.waiting;
  if (waiting === undefined || usualWaits.has(waiting.reason ?? "")) return undefined;
  const [container] = pod.spec?.containers ?? [];
  const what = imageFaults.has(waiting.reason ?? "")
    ? `its image ${container?.image ?? ""} cannot be pulled`
    : (waiting.reason ?? "it waits");
  return waiting.message === undefined ? what : `${what}: ${waiting.message}`;
}

const usualWaits = new Set(["ContainerCreating", "PodInitializing"]);
const imageFaults = new Set(["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"]);
