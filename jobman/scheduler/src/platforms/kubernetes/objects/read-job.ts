import type { V1Job } from "@kubernetes/client-node";
import { clusterAnnotations, containerLabels, type Site } from "@workstation/site";
import { z } from "zod";
import { jobSpecSchema } from "../../../queue/job-spec-schema.ts";
import type { JobSpec, StopCause } from "../../../queue/model.ts";
import { cutText } from "../../../shortening/cut-texts.ts";
import { shortSpec } from "../../../shortening/short-spec.ts";
import type { Reflected } from "../api/reflector.ts";
import { readDollars } from "./dollars.ts";
import { namespaceOf } from "./names.ts";
import { sharedText } from "./shared-text.ts";

/** What is kept of a Job. */
export interface JobView extends Reflected {
  readonly namespace: string;
  readonly name: string;
  readonly spec: JobSpec;
  readonly suspended: boolean;
  /** Pods that run or may, and those that are going. */
  readonly pods: number;
  /** When it was let go, by the cluster's clock. */
  readonly admittedAt?: number;
  readonly finished?: FinishedJob;
  readonly stop?: StopCause;
  /** When the stop was written. */
  readonly stopAt?: number;
  /** It is being deleted, and so are its pods. */
  readonly leaving: boolean;
}

interface FinishedJob {
  readonly succeeded: boolean;
  readonly at: number;
  /** The controller's word, such as `PodFailurePolicy`. */
  readonly reason: string;
  /** Of a container that failed. */
  readonly exitCode?: number;
  /** The cluster took its pod away. */
  readonly disrupted: boolean;
}

/** Whose Jobs are read, and what the site adds to a job's own time. */
export interface Reading {
  readonly instance: string;
  readonly site: Pick<Site, "kubernetes">;
}

/** A Job of this instance, in its owner's namespace; undefined for any other: labels alone are anybody's to write. */
export function readJob(job: V1Job, { instance, site }: Reading): JobView | undefined {
  const { metadata = {}, spec, status = {} } = job;
  const { uid, resourceVersion, namespace, name, labels = {} } = metadata;
  if (labels[containerLabels.instance] !== instance || labels[containerLabels.kind] !== "job")
    return undefined;
  if (uid === undefined || resourceVersion === undefined || name === undefined || namespace === undefined) {
    return undefined;
  }
  if (namespace !== namespaceOf(site, labels[containerLabels.owner] ?? "")) return undefined;
  const stop = readStop(metadata.annotations?.[clusterAnnotations.stop]);
  const finished = finishOf(job);
  return {
    uid,
    resourceVersion,
    namespace: sharedText(namespace),
    name,
    // Nothing is started from it: the Job has the whole command.
    spec: shortSpec(specOf(job)),
    suspended: spec?.suspend === true,
    pods: (status.active ?? 0) + (status.terminating ?? 0),
    ...(status.startTime === undefined ? {} : { admittedAt: Date.parse(String(status.startTime)) }),
    ...(finished === undefined ? {} : { finished }),
    ...(stop === undefined ? {} : { stop: stop.by, stopAt: Date.parse(stop.at) }),
    leaving: metadata.deletionTimestamp !== undefined,
  };
}

/** What a Job says of its pod's end are the words of its controller's pod failure policy: it has no fields for them. */
function finishOf({ status, spec }: V1Job): FinishedJob | undefined {
  const condition = status?.conditions?.find(
    ({ type, status: holds }) => (type === "Complete" || type === "Failed") && holds === "True",
  );
  if (condition === undefined || spec?.suspend === true) return undefined;
  const { message = "", reason = "" } = condition;
  const told = reason === "PodFailurePolicy" ? message : "";
  const code = /^Container \S+ for pod \S+ failed with exit code (\d+) /.exec(told)?.[1];
  return {
    succeeded: condition.type === "Complete",
    at: Date.parse(String(condition.lastTransitionTime)),
    reason,
    ...(code === undefined ? {} : { exitCode: Number(code) }),
    disrupted: /^Pod \S+ has condition DisruptionTarget /.test(told),
  };
}

/**
 * A job's specification. What was submitted stands beside it; of one that somebody made by hand the object itself tells,
 * as the policies left it. What both have is taken from labels and security context, which the policies vouch for.
 */
function specOf(job: V1Job): JobSpec {
  const submitted = readRequest(job.metadata?.annotations?.[clusterAnnotations.request]);
  const made = madeByHand(job);
  const { id, owner, flavor, image, sequence, arguments: command } = made;
  return submitted === undefined
    ? made
    : {
        ...submitted,
        ...{ id, owner, flavor, image, arguments: command },
        // The same empty ones for the many jobs that have none.
        annotations:
          Object.keys(submitted.annotations).length === 0 ? made.annotations : submitted.annotations,
        datasets: submitted.datasets.length === 0 ? made.datasets : submitted.datasets,
        sequence: placeOf(sequence - lastMillisecond, submitted.submittedAt),
      };
}

/**
 * The API server tells whole seconds, the scheduler's stamp orders within them and over their border; a clock that is
 * further off orders within the second alone.
 */
function placeOf(createdAt: number, submittedAt: number): number {
  return Math.abs(submittedAt - createdAt) < 1000 ? submittedAt : createdAt + (submittedAt % 1000);
}

const lastMillisecond = 999;
const none: Readonly<Record<string, string>> = {};
const noTexts: readonly string[] = [];

/**
 * Whoever comes by hand stands behind those whom a scheduler took in the same second. Its pod may take the time for its
 * start longer than its limit, and the Job that time twice: as it was when the job came.
 */
function madeByHand({ metadata = {}, spec }: V1Job): JobSpec {
  const labels = metadata.labels ?? {};
  const pod = spec?.template.spec;
  const [container] = pod?.containers ?? [];
  const createdAt = Date.parse(String(metadata.creationTimestamp));
  return {
    id: labels[containerLabels.id] ?? metadata.uid ?? "",
    name: metadata.name ?? "",
    owner: sharedText(labels[containerLabels.owner] ?? ""),
    uid: pod?.securityContext?.runAsUser ?? container?.securityContext?.runAsUser ?? 0,
    gid: pod?.securityContext?.runAsGroup ?? container?.securityContext?.runAsGroup ?? 0,
    image: sharedText(cutText(container?.image ?? "", longestName)),
    flavor: sharedText(labels[containerLabels.flavor] ?? ""),
    arguments: [...(container?.command ?? []), ...(container?.args ?? [])].map(readDollars),
    exact: container?.command !== undefined,
    annotations: none,
    datasets: noTexts,
    timeLimitSeconds: Math.max(1, 2 * (pod?.activeDeadlineSeconds ?? 0) - (spec?.activeDeadlineSeconds ?? 0)),
    sequence: createdAt + lastMillisecond,
    submittedAt: createdAt,
  };
}

/** An image's name may be as long as the API server takes: enough is kept to be shown. */
const longestName = 512;

const requestSchema = jobSpecSchema.omit({ arguments: true, sequence: true });

function readRequest(text: string | undefined): z.infer<typeof requestSchema> | undefined {
  const parsed = requestSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

const stopSchema = z.object({
  at: z.iso.datetime(),
  by: z.enum(["user", "operator", "deadline", "scratch", "flavorRemoved", "startTimeout"]),
});

function readStop(text: string | undefined): z.infer<typeof stopSchema> | undefined {
  const parsed = stopSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
