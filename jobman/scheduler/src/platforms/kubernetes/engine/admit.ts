import type { V1Job } from "@kubernetes/client-node";
import type { Admission, AdmissionRequest } from "../../engine.ts";
import { ClusterError, hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { LedgerEntry } from "../ledger/slot-ledger.ts";
import { admissionPatch } from "../objects/admission-patch.ts";
import { fetchJob } from "../objects/fetch-job.ts";
import { namespaceOf, objectName } from "../objects/names.ts";
import type { JobView } from "../objects/read-job.ts";
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
    [...byFlavor].map(([flavor, some]) =>
      admitFlavor(context, (held) => takeSlots(flavor, held), some).catch((fault: unknown) =>
        // One flavor's fault is no other's.
        some.map(({ spec }): Answer => [spec.id, { outcome: "unknown", message: wordsOf(fault) }]),
      ),
    ),
  );
  return new Map(answers.flat());
}

function wordsOf(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault);
}

type Answer = readonly [string, Admission];

type TakeFlavorSlots = (held: readonly JobView[]) => Promise<readonly JobView[]>;

/** A Job that was only just made is changed once more by its controller: then all is decided again on what it is now. */
const mostRounds = 3;

async function admitFlavor(
  context: EngineContext,
  takeSlots: TakeFlavorSlots,
  requests: readonly AdmissionRequest[],
): Promise<readonly Answer[]> {
  const answers = new Map<string, Admission>();
  let open = requests;
  for (let round = 1; open.length > 0 && round <= mostRounds; round += 1) {
    for (const [id, answer] of await admitOnce(context, takeSlots, open)) answers.set(id, answer);
    open = open.filter(({ spec }) => answers.get(spec.id) === changed);
  }
  return [...answers];
}

/** It waits still, and is not what it was when its slot was written. */
const changed: Admission = { outcome: "postponed" };

async function admitOnce(
  context: EngineContext,
  takeSlots: TakeFlavorSlots,
  requests: readonly AdmissionRequest[],
): Promise<readonly Answer[]> {
  const found = await Promise.all(
    requests.map(async ({ spec }) => [spec.id, await viewOf(context, spec)] as const),
  );
  const there = found.flatMap(([, view]) => view ?? []);
  const held = there.filter(isHeld);
  const granted = await takeSlots(held);
  const letting = granted.map(async (view): Promise<Answer> => [view.spec.id, await letGo(context, view)]);
  return [
    ...found.filter(([, view]) => view === undefined).map(([id]): Answer => [id, { outcome: "gone" }]),
    ...there.filter((view) => !isHeld(view)).map(({ spec }): Answer => [spec.id, { outcome: "conflict" }]),
    ...held
      .filter((view) => !granted.includes(view))
      .map(({ spec }): Answer => [spec.id, { outcome: "postponed" }]),
    ...(await Promise.all(letting)),
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

async function readBack(context: EngineContext, entry: LedgerEntry): Promise<JobView | undefined> {
  const found = await fetchJob(context, entry);
  if (found?.view?.spec.id !== entry.id) return undefined;
  context.tracker.take(found.job);
  return found.view;
}

/**
 * One PATCH, in the version that was known before the ledger was written: whoever took the slot away since has changed
 * the Job, too. What it became is read back where the answer does not tell.
 */
async function letGo(context: EngineContext, view: JobView): Promise<Admission> {
  context.goingNow.add(view.uid);
  try {
    return await letGoAndLook(context, view);
  } finally {
    context.goingNow.delete(view.uid);
  }
}

async function letGoAndLook(context: EngineContext, view: JobView): Promise<Admission> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      context.tracker.take(await patchJob(context, view));
      return { outcome: "admitted" };
    } catch (error) {
      if (!(error instanceof ClusterError)) return { outcome: "unknown", message: wordsOf(error) };
      const { message } = error;
      if (hasStatus(error, 404)) return { outcome: "gone" };
      if (hasStatus(error, 400, 422)) return refuse(context, view, error);
      // A right that is missing, or a server that has had enough: it may pass.
      if (!isAmbiguous(error) && !hasStatus(error, 409)) return { outcome: "unknown", message };
      const now = await readBack(context, entryOf(view)).catch(() => view);
      if (now === undefined) return { outcome: "gone" };
      if (!now.suspended) return { outcome: isAmbiguous(error) || attempt > 1 ? "admitted" : "conflict" };
      if (!isHeld(now)) return { outcome: "conflict" };
      if (now.resourceVersion !== view.resourceVersion) return changed;
      // With the same version twice, one of the two at most is carried out.
      if (attempt > 2) return { outcome: "unknown", message };
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
async function refuse(context: EngineContext, view: JobView, { message }: ClusterError): Promise<Admission> {
  try {
    await askStop(context, [view.spec.id], { by: "startTimeout", why: message });
    return { outcome: "failed", message };
  } catch (fault) {
    context.report(fault);
    return { outcome: "unknown", message };
  }
}
