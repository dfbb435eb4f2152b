import type { V1Job } from "@kubernetes/client-node";
import type { Admission, AdmissionRequest } from "../../engine.ts";
import { ClusterError, hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { LedgerEntry } from "../ledger/slot-ledger.ts";
import { admissionPatch } from "../objects/admission-patch.ts";
import { namespaceOf, objectName } from "../objects/names.ts";
import { type JobView, readJob } from "../objects/read-job.ts";
import { askStop } from "./ask-stop.ts";
import type { TakeSlots } from "./slot-turns.ts";
import { entryOf } from "./take-slots.ts";

/**
 * Lets the jobs of one cycle go, flavor by flavor: slots are first written into the flavor's ledger, then each Job is
 * changed in the version that was decided on. Whoever lost the lead without knowing fails at one of the two.
 */
export async function admitJobs(
  context: EngineContext,
  takeSlots: TakeSlots,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, Admission>> {
  const byFlavor = Map.groupBy(requests, ({ spec }) => spec.flavor);
  const answers = await Promise.all(
    [...byFlavor].map(([flavor, some]) => admitFlavor(context, (held) => takeSlots(flavor, held), some)),
  );
  return new Map(answers.flat());
}

type Answer = readonly [string, Admission];

async function admitFlavor(
  context: EngineContext,
  takeSlots: (held: readonly JobView[]) => Promise<readonly JobView[]>,
  requests: readonly AdmissionRequest[],
): Promise<readonly Answer[]> {
  const found = await Promise.all(
    requests.map(async ({ spec }) => [spec.id, await viewOf(context, spec)] as const),
  );
  const [there, gone] = [
    found.flatMap(([, view]) => view ?? []),
    found.filter(([, view]) => view === undefined),
  ];
  const held = there.filter(isHeld);
  const late = there.filter((view) => !isHeld(view));
  const granted = await takeSlots(held);
  return [
    ...gone.map(([id]): Answer => [id, { outcome: "gone" }]),
    ...late.map(({ spec }): Answer => [spec.id, { outcome: "conflict" }]),
    ...held
      .filter((view) => !granted.includes(view))
      .map(({ spec }): Answer => [spec.id, { outcome: "postponed" }]),
    ...(await Promise.all(
      granted.map(async (view): Promise<Answer> => [view.spec.id, await letGo(context, view)]),
    )),
  ];
}

function isHeld({ suspended, stop, leaving }: JobView): boolean {
  return suspended && stop === undefined && !leaving;
}

/** As the tracker knows it, else as the API server has it: a job of another scheduler's making may be newer than the watch. */
async function viewOf(context: EngineContext, spec: AdmissionRequest["spec"]): Promise<JobView | undefined> {
  const known = context.tracker.find(spec.id);
  if (known !== undefined) return known;
  const { site } = context;
  return readBack(context, {
    id: spec.id,
    namespace: namespaceOf(site, spec.owner),
    name: objectName(site, spec),
  });
}

async function readBack(
  context: EngineContext,
  { id, namespace, name }: LedgerEntry,
): Promise<JobView | undefined> {
  try {
    const job = await context.connection.ask<V1Job>("GET", paths.job(namespace, name));
    const view = readJob(job, context);
    if (view?.spec.id !== id) return undefined;
    context.tracker.take(job);
    return view;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** One PATCH; what it became is read back where the answer does not tell. */
async function letGo(context: EngineContext, view: JobView): Promise<Admission> {
  let seen = view;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const job = await patchJob(context, seen);
      context.tracker.take(job);
      return { outcome: "admitted" };
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      const { message } = error;
      if (hasStatus(error, 404)) return { outcome: "gone" };
      if (!isAmbiguous(error) && !hasStatus(error, 409)) return refuse(context, view, error);
      const now = await readBack(context, entryOf(view)).catch(() => seen);
      if (now === undefined) return { outcome: "gone" };
      if (!now.suspended) return { outcome: isAmbiguous(error) || attempt > 1 ? "admitted" : "conflict" };
      if (!isHeld(now)) return { outcome: "conflict" };
      if (attempt > 2) return { outcome: "unknown", message };
      // With the same version twice, one of the two at most is carried out.
      seen = now;
    }
  }
}

function patchJob(context: EngineContext, view: JobView): Promise<V1Job> {
  const { spec, namespace, name, resourceVersion } = view;
  const flavor = context.flavors().find((each) => each.name === spec.flavor);
  const slot = {
    cores: flavor?.resources.cores ?? spec.cores ?? 1,
    memoryBytes: flavor?.resources.memoryBytes ?? spec.memoryBytes ?? 0,
    requestedCores: flavor?.requestedCores ?? spec.cores ?? 1,
  };
  const { site, resourcesAt } = context;
  const body = admissionPatch({ spec, slot }, { site, version: resourceVersion, resourcesAt });
  return context.connection.ask("PATCH", paths.job(namespace, name), { body });
}

/** The API server will never let this one go: it must not stand in the way of those behind it. */
async function refuse(context: EngineContext, view: JobView, error: ClusterError): Promise<Admission> {
  const stop = { by: "startTimeout", why: error.message } as const;
  await askStop(context, [view.spec.id], stop).catch((fault: unknown) => context.report(fault));
  return { outcome: "failed", message: error.message };
}
