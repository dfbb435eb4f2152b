import { setTimeout as pause } from "node:timers/promises";
import type { V1Job, V1PodList } from "@kubernetes/client-node";
import { hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths, withQuery } from "../api/paths.ts";
import type { ApiObject, Reflector } from "../api/reflector.ts";
import type { JobView } from "../objects/read-job.ts";
import type { PodView } from "../objects/read-pod.ts";
import { type JobPicture, podsOf } from "./job-picture.ts";

/** What one watch has told of a job, and the other has not yet. */
export type Missing = "job" | "end";

/** Where what is missing is looked for. */
export interface SearchPlace {
  readonly options: {
    readonly connection: Pick<ClusterConnection, "ask">;
    readonly onFault: (fault: unknown) => void;
  };
  readonly jobs: Pick<Reflector<JobView>, "take">;
  readonly pods: Pick<Reflector<PodView>, "take" | "isAsOf" | "synced">;
  readonly picture: JobPicture;
}

/** What must be known before anything is told of a job: how it ended is told once, and stays. */
export function whatIsMissing(
  { pods, picture }: Pick<SearchPlace, "picture"> & { readonly pods: Pick<Reflector<PodView>, "isAsOf"> },
  uid: string,
): Missing | undefined {
  if (lacksItsJob(picture, uid)) return "job";
  const job = picture.jobs.get(uid);
  const needsItsPod = job?.finished?.succeeded === false && job.pods === 0;
  if (!needsItsPod || pods.isAsOf(job.resourceVersion)) return undefined;
  return podsOf(picture, uid).some(({ end }) => end !== undefined) ? undefined : "end";
}

/** A pod may be seen before its Job: it is no orphan for that, whose time is over. */
function lacksItsJob(picture: JobPicture, uid: string): boolean {
  if (picture.jobs.has(uid) || picture.told.has(uid)) return false;
  return podsOf(picture, uid).some(({ over }) => !over);
}

const againMs = 1000;

/** Asks until the server says that there is one, or none. */
export async function search(place: SearchPlace, uid: string, missing: Missing): Promise<void> {
  // The first list of pods tells of all that ended before it.
  if (missing === "end") await place.pods.synced;
  while (whatIsMissing(place, uid) === missing) {
    try {
      await (missing === "job" ? takeJob(place, uid) : takePods(place, uid));
      return;
    } catch (fault) {
      place.options.onFault(fault);
      await pause(againMs, undefined, { ref: false });
    }
  }
}

async function takeJob({ options, jobs, picture }: SearchPlace, uid: string): Promise<void> {
  const [pod] = podsOf(picture, uid);
  if (pod === undefined) return;
  try {
    const job = await options.connection.ask<V1Job>("GET", paths.job(pod.namespace, pod.jobName));
    if (job.metadata?.uid === uid) jobs.take(job as ApiObject);
  } catch (error) {
    if (!hasStatus(error, 404)) throw error;
  }
}

async function takePods({ options, pods, picture }: SearchPlace, uid: string): Promise<void> {
  const namespace = picture.jobs.get(uid)?.namespace;
  if (namespace === undefined) return;
  const labelSelector = `batch.kubernetes.io/controller-uid=${uid}`;
  const path = withQuery(paths.pods(namespace), { labelSelector });
  const { items } = await options.connection.ask<V1PodList>("GET", path);
  for (const pod of items) pods.take(pod as ApiObject);
}
