import { hasStatus } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { JobView } from "../objects/read-job.ts";
import { askStop } from "./ask-stop.ts";

interface EndOptions {
  readonly graceSeconds: number;
  readonly keep: boolean | "log";
}

/**
 * Ends a job and waits until nothing of it runs. Kept, its Job and pod stay as they ended: the pod is told that its time
 * is over, which its kubelet does by TERM, the grace of the pod, and KILL. Else all of it is deleted, from below.
 */
export async function endJob(context: EngineContext, id: string, options: EndOptions): Promise<void> {
  if (options.keep === false) await remove(context, id, options);
  else await stop(context, id, options);
}

async function stop(context: EngineContext, id: string, options: EndOptions): Promise<void> {
  const view = context.tracker.find(id);
  if (view === undefined) return endOrphans(context, id);
  const { phase } = context.tracker.observe(id) ?? { phase: "ended" };
  if (phase === "ended") return;
  if (view.stop === undefined) await askStop(context, [id], { by: "operator" });
  if (phase === "held") return;
  await timeIsOver(context, view);
  const isSo = () => (context.tracker.observe(id)?.phase ?? "ended") === "ended";
  await until(context, id, { graceSeconds: options.graceSeconds, isSo });
}

/** A pod that runs is told so itself; while there is none that does, its Job is, which then makes no other. */
async function timeIsOver(context: EngineContext, view: JobView): Promise<void> {
  const pod = context.tracker.podOf(view.spec.id);
  const body = { spec: { activeDeadlineSeconds: 1 } };
  const path =
    pod?.startedAt === undefined ? paths.job(view.namespace, view.name) : paths.pod(pod.namespace, pod.name);
  await ignoringGone(context.connection.ask("PATCH", path, { body, patch: "merge" }));
}

async function remove(context: EngineContext, id: string, { graceSeconds }: EndOptions): Promise<void> {
  const { tracker, connection } = context;
  const view = tracker.find(id);
  if (view === undefined) return endOrphans(context, id);
  const body = { propagationPolicy: "Foreground", preconditions: { uid: view.uid } };
  await ignoringGone(connection.ask("DELETE", paths.job(view.namespace, view.name), { body }));
  const isGone = () => tracker.find(id) === undefined && tracker.podsOf(id).length === 0;
  await until(context, id, {
    graceSeconds: Math.max(graceSeconds, context.site.limits.stopGrace),
    isSo: isGone,
  });
}

/** Pods whose Job is gone: the cluster takes their objects away, and nobody else may make them run on. */
async function endOrphans({ tracker, connection }: EngineContext, id: string): Promise<void> {
  const body = { spec: { activeDeadlineSeconds: 1 } };
  const running = tracker.podsOf(id).filter(({ over }) => !over);
  await Promise.all(
    running.map(({ namespace, name }) =>
      ignoringGone(connection.ask("PATCH", paths.pod(namespace, name), { body, patch: "merge" })),
    ),
  );
}

/** Gone, or another of the same name. */
async function ignoringGone(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!hasStatus(error, 404, 409)) throw error;
  }
}

/** What a kubelet and two controllers take beyond the grace. */
const marginSeconds = 30;

async function until(
  { tracker }: EngineContext,
  id: string,
  { graceSeconds, isSo }: { readonly graceSeconds: number; readonly isSo: () => boolean },
): Promise<void> {
  const over = AbortSignal.timeout((graceSeconds + marginSeconds) * 1000);
  const seen = await tracker.until(id, () => (isSo() ? true : undefined), over);
  if (seen === undefined) throw new Error(`job ${id} still runs ${marginSeconds} s after its grace`);
}
