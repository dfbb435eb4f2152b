import type { V1Job } from "@kubernetes/client-node";
import { hasStatus } from "../api/cluster-error.ts";
import { paths } from "../api/paths.ts";
import type { EngineContext } from "../context.ts";
import type { LedgerEntry, LedgerPage } from "../ledger/slot-ledger.ts";
import { type JobView, readJob } from "../objects/read-job.ts";

/** Those of `held` that have a slot now: in the ledger, whatever happens next. */
export async function takeSlots(
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

export function entryOf({ spec, namespace, name }: JobView): LedgerEntry {
  return { id: spec.id, namespace, name };
}

function isOver({ finished, suspended, stop, pods }: JobView): boolean {
  return pods === 0 && (finished !== undefined || (suspended && stop !== undefined));
}
