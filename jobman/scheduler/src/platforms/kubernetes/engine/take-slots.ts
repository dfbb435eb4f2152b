import type { V1Job } from "@kubernetes/client-node";
import { clusterAnnotations } from "@workstation/site";
import { hasStatus } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { LedgerEntry, LedgerPage } from "../ledger/slot-ledger.ts";
import { fetchJob } from "../objects/fetch-job.ts";
import type { JobView } from "../objects/read-job.ts";

/**
 * Those of `held` that have a slot now: in the ledger, whatever happens next. The page is written also where a job stands
 * there already, because only who can write it knows that nobody has changed it since.
 */
export async function takeSlots(
  context: EngineContext,
  flavor: string,
  held: readonly JobView[],
): Promise<readonly JobView[]> {
  if (held.length === 0) return [];
  const page = await context.slots.read(flavor);
  const slots = context.flavors().find(({ name }) => name === flavor)?.usableSlots ?? 0;
  const wanted = new Set(held.map(({ uid }) => uid));
  const holders = await slotHolders(context, flavor, page);
  const taken =
    slots < holders.size + held.filter(({ uid }) => !holders.has(uid)).length
      ? await withoutPassedOver(context, holders, wanted)
      : holders;
  const again = held.filter(({ uid }) => taken.has(uid));
  const others = held.filter(({ uid }) => !taken.has(uid));
  const granted = [...again, ...others.slice(0, Math.max(0, slots - taken.size))];
  if (granted.length === 0) return [];
  const entries = new Map([...taken, ...granted.map((view) => [view.uid, entryOf(view)] as const)]);
  return (await context.slots.write(flavor, page, entries)) ? granted : [];
}

/**
 * Without jobs that stand in the ledger and wait, and that the queue passes over now: their owners are at the cap by
 * another job. Each is changed first, so that whoever gave it its slot, and sleeps, does not let it go any more.
 */
async function withoutPassedOver(
  context: EngineContext,
  holders: ReadonlyMap<string, LedgerEntry>,
  wanted: ReadonlySet<string>,
): Promise<ReadonlyMap<string, LedgerEntry>> {
  const left = new Map(holders);
  for (const uid of holders.keys()) {
    const view = context.tracker.findByUid(uid);
    const isWaiting = view?.suspended === true && view.pods === 0;
    if (!isWaiting || wanted.has(uid) || context.goingNow.has(uid)) continue;
    const annotations = { [clusterAnnotations.passedOver]: new Date().toISOString() };
    const body = { metadata: { uid, resourceVersion: view.resourceVersion, annotations } };
    const path = paths.job(view.namespace, view.name);
    try {
      context.tracker.take(await context.connection.ask<V1Job>("PATCH", path, { body, patch: "merge" }));
      left.delete(uid);
    } catch (error) {
      // It was let go, or is gone: the watch tells.
      if (!hasStatus(error, 404, 409)) throw error;
    }
  }
  return left;
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
async function lookUp(context: EngineContext, uid: string, entry: LedgerEntry): Promise<JobView | undefined> {
  const { view } = (await fetchJob(context, entry)) ?? {};
  return view?.uid === uid ? view : undefined;
}

export function entryOf({ spec, namespace, name }: JobView): LedgerEntry {
  return { id: spec.id, namespace, name };
}

function isOver({ finished, suspended, stop, pods, leaving }: JobView): boolean {
  return pods === 0 && (finished !== undefined || (suspended && (stop !== undefined || leaving)));
}
