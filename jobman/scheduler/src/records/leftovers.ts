import { isActive } from "@workstation/jobman/protocol";
import { pauseAfter } from "../platforms/pause-after.ts";
import type { RecordsState } from "./state.ts";

/** What the engine may still hold of a job that does not need it: with `log` its output stays, else nothing. */
export interface Leftover {
  readonly id: string;
  readonly keep: "log" | false;
  /** How often it could not be removed. */
  readonly failures: number;
}

const afterEndMs = 500;
/** How long starts, which go first because a removal keeps the engine's disk busy, may put a removal off. */
const longestWaitMs = 30_000;

/** The end is on the disk: the object was the only other memory of it. */
export function leaveEnded(state: RecordsState, id: string): void {
  if (state.keepsRecords) return;
  state.leftovers.set(id, { keep: "log", due: state.now() + afterEndMs, failures: 0 });
  state.wake();
}

/** Nobody wants anything of these jobs. */
export function leaveForgotten(state: RecordsState, ids: readonly string[]): void {
  for (const id of ids) state.leftovers.set(id, { keep: false, due: state.now(), failures: 0 });
  if (ids.length > 0) state.wake();
}

/**
 * What may be taken away now, when there will be more (milliseconds since the epoch), and how many failed the last time;
 * `urgentOnly`: no more than what has waited long or was given up.
 */
export function leftoversOf(
  state: RecordsState,
  { urgentOnly }: { readonly urgentOnly: boolean },
): { readonly due: readonly Leftover[]; readonly next: number | undefined; readonly failing: number } {
  const now = state.now();
  const left = [...state.leftovers]
    .filter(([id, { keep }]) => keep === false || isOver(state, id))
    .map(([id, { keep, due, failures }]) => ({
      id,
      keep,
      failures,
      at: due + (urgentOnly && keep === "log" ? longestWaitMs : 0),
    }));
  const later = left.filter(({ at }) => at > now).map(({ at }) => at);
  return {
    due: left.filter(({ at }) => at <= now).map(({ id, keep, failures }) => ({ id, keep, failures })),
    failing: left.filter(({ failures }) => failures > 0).length,
    next: later.length === 0 ? undefined : Math.min(...later),
  };
}

/** An object that is a record goes by one request; its owner may not submit again before it has gone. */
const recordPauseMs = 2_000;

/** Tells what became of a removal: what did not succeed is tried again in a while, then ever later. */
export function noteRemoval(
  { leftovers, now, keepsRecords }: RecordsState,
  leftover: Leftover,
  done: boolean,
): void {
  const { id, keep } = leftover;
  // Forgotten meanwhile: what was kept goes, too.
  if (leftovers.get(id)?.keep !== keep) return;
  if (done) leftovers.delete(id);
  else {
    const failures = leftover.failures + 1;
    const firstMs = keepsRecords ? recordPauseMs : undefined;
    leftovers.set(id, { keep, failures, due: now() + pauseAfter(failures, firstMs) });
  }
}

// What still runs is another's to end.
function isOver({ store, leftovers }: RecordsState, id: string): boolean {
  const record = store.get(id);
  if (record === undefined) leftovers.delete(id);
  return record !== undefined && !isActive(record.state) && !record.holdsSlot;
}
