import type { V1Job } from "@kubernetes/client-node";
import type { Admission, AdmissionRequest } from "../../engine.ts";
import { ClusterError, hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { LedgerEntry, LedgerPage } from "../ledger/slot-ledger.ts";
import { admissionPatch } from "../objects/admission-patch.ts";
import { namespaceOf, objectName } from "../objects/names.ts";
import { type JobView, readJob } from "../objects/read-job.ts";
import { askStop } from "./ask-stop.ts";

/**
 * Lets the jobs of one cycle go, flavor by flavor: slots are first written into the flavor's ledger, then each Job is
 * changed in the version that was decided on. Whoever lost the lead without knowing fails at one of the two.
 */
export async function admitJobs(
  context: EngineContext,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, Admission>> {
  const byFlavor = Map.groupBy(requests, ({ spec }) => spec.flavor);
  const answers = await Promise.all(
    [...byFlavor].map(([flavor, some]) => admitFlavor(context, flavor, some)),
  );
  return new Map(answers.flat());
}

type Answer = readonly [string, Admission];

async function admitFlavor(
  context: EngineContext,
  flavor: string,
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
  const granted = await takeSlots(context, flavor, held);
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

function isOver({ finished, suspended, stop, pods }: JobView): boolean {
  return pods === 0 && (finished !== undefined || (suspended && stop !== undefined));
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

/** Those of `held` that have a slot now: in the ledger, whatever happens next. */
async function takeSlots(
  context: EngineContext,
  flavor: string,
  held: readonly JobView[],
): Promise<readonly JobView[]> {
  if (held.length === 0) return [];
  const page = await context.slots.read(flavor);
  const taken = await slotHolders(context, flavor, page);
  const slots = context.flavors().find(({ name }) => name === flavor)?.usableSlots ?? 0;
  const again = held.filter(({ uid }) => taken.has(uid));
  const others = held.filter(({ uid }) => !taken.has(uid));
  const granted = others.slice(0, Math.max(0, slots - taken.size));
  if (granted.length > 0) {
    const entries = new Map([...taken, ...granted.map((view) => [view.uid, entryOf(view)] as const)]);
    if (!(await context.slots.write(flavor, page, entries))) return [];
  }
  return [...again, ...granted];
}

/**
 * Who holds a slot: whoever the ledger names and is not over, and whoever runs without standing there. A job that stands
 * there and waits still was being let go when its scheduler died, or is by one who sleeps: the slot is its own.
 */
async function slotHolders(
  context: EngineContext,
  flavor: string,
  page: LedgerPage,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const { tracker } = context;
  const holders = new Map<string, LedgerEntry>();
  for (const uid of tracker.holders(flavor)) {
    const view = tracker.findByUid(uid);
    holders.set(uid, view === undefined ? { id: uid, namespace: "", name: "" } : entryOf(view));
  }
  for (const [uid, entry] of page.entries) {
    const view = tracker.findByUid(uid) ?? (await lookUp(context, uid, entry));
    if (view !== undefined && !isOver(view)) holders.set(uid, entry);
  }
  return holders;
}

/** What the watch has not told yet may be there all the same. */
async function lookUp(
  context: EngineContext,
  uid: string,
  { namespace, name }: LedgerEntry,
): Promise<JobView | undefined> {
  try {
    const view = readJob(await context.connection.ask<V1Job>("GET", paths.job(namespace, name)), context);
    return view?.uid === uid ? view : undefined;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

function entryOf({ spec, namespace, name }: JobView): LedgerEntry {
  return { id: spec.id, namespace, name };
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
