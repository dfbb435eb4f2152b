import { jobNamePattern } from "@workstation/site";
import type { EngineContext } from "../context.ts";
import { fetchJob } from "../objects/fetch-job.ts";
import { namespaceOf, objectName } from "../objects/names.ts";

/** The id of a user's job of that name, asked of the API server itself: the watch may be a moment late. */
export async function lookFor(
  context: EngineContext,
  owner: string,
  name: string,
): Promise<string | undefined> {
  const { site, tracker } = context;
  if (!jobNamePattern.test(name)) return undefined;
  const place = { namespace: namespaceOf(site, owner), name: objectName(site, { owner, name }) };
  const found = await fetchJob(context, place);
  if (found?.view?.spec.owner !== owner) return undefined;
  tracker.take(found.job);
  return found.view.spec.id;
}
