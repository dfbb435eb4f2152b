import type { V1Job } from "@kubernetes/client-node";
import { hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type JobView, type Reading, readJob } from "./read-job.ts";

/** A Job as the API server has it now, and as the queue reads it: `view` is undefined where it is not the queue's. */
export interface FetchedJob {
  readonly job: V1Job;
  readonly view: JobView | undefined;
}

/** Undefined where there is none of that name. Throws `ClusterError`. */
export async function fetchJob(
  where: Reading & { readonly connection: Pick<ClusterConnection, "ask"> },
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<FetchedJob | undefined> {
  try {
    const job = await where.connection.ask<V1Job>("GET", paths.job(namespace, name));
    return { job, view: readJob(job, where) };
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
