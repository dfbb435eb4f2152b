import type { V1Job } from "@kubernetes/client-node";
import { clusterAnnotations } from "@workstation/site";
import type { StopCause } from "../../../queue/model.ts";
import { strongerCause } from "../../../queue/reduce.ts";
import { hasStatus } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";

/**
 * Writes on Jobs who or what wants their end, and `why` in words where there is more to say: every scheduler sees it, and
 * whoever looks at the Job. One that waits is over with that.
 */
export async function askStop(context: EngineContext, ids: readonly string[], stop: Stop): Promise<void> {
  await Promise.all(ids.map((id) => mark(context, id, stop)));
}

interface Stop {
  readonly by: StopCause;
  readonly why?: string;
}

async function mark({ tracker, connection }: EngineContext, id: string, { by, why }: Stop): Promise<void> {
  const view = tracker.find(id);
  if (view === undefined || view.finished !== undefined) return;
  // A person's wish stands above a limit or rule, whoever writes last.
  if (strongerCause(view.stop, by) === view.stop) return;
  const text = JSON.stringify({ by, at: new Date().toISOString(), ...(why === undefined ? {} : { why }) });
  const body = { metadata: { uid: view.uid, annotations: { [clusterAnnotations.stop]: text } } };
  try {
    const path = paths.job(view.namespace, view.name);
    tracker.take(await connection.ask<V1Job>("PATCH", path, { body, patch: "merge" }));
  } catch (error) {
    // Gone, or another of the same name: there is nothing to stop.
    if (!hasStatus(error, 404, 409)) throw error;
  }
}
