import type { EngineContext } from "../context.ts";
import { readQueueRules } from "../objects/queue-rules.ts";
import { askStop } from "./ask-stop.ts";

/**
 * Ends jobs that wait for a flavor which this scheduler does not know, unless the rules in the API server do: then its own
 * site facts are older, as while it is being replaced by a newer one, and the job waits for that. Throws where one does.
 */
export async function stopVainWait(context: EngineContext, ids: readonly string[]): Promise<void> {
  const rules = (await readQueueRules(context.connection, context.site)) ?? {};
  const flavorOf = (id: string): string => context.tracker.find(id)?.spec.flavor ?? "";
  const isOffered = (id: string): boolean => rules[`timeLimit.${flavorOf(id)}`] !== undefined;
  await askStop(
    context,
    ids.filter((id) => !isOffered(id)),
    { by: "flavorRemoved" },
  );
  const newer = ids.find(isOffered);
  if (newer === undefined) return;
  throw new Error(
    `the flavor ${flavorOf(newer)} is newer than what this scheduler was started with: its jobs wait for a newer one`,
  );
}
