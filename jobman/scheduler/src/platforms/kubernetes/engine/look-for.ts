import type { V1Job } from "@kubernetes/client-node";
import { jobNamePattern } from "@workstation/site";
import { hasStatus } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import { namespaceOf, objectName } from "../objects/names.ts";
import { readJob } from "../objects/read-job.ts";

/** The id of a user's job of that name, asked of the API server itself: the watch may be a moment late. */
export async function lookFor(
  context: EngineContext,
  owner: string,
  name: string,
): Promise<string | undefined> {
  const { site, tracker, connection } = context;
  if (!jobNamePattern.test(name)) return undefined;
  try {
    const path = paths.job(namespaceOf(site, owner), objectName(site, { owner, name }));
    const job = await connection.ask<V1Job>("GET", path);
    const view = readJob(job, context);
    if (view?.spec.owner !== owner) return undefined;
    tracker.take(job);
    return view.spec.id;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
