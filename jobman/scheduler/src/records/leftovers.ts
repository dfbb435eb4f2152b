import { isActive } from "@workstation/jobman/protocol";
import type { RecordsState } from "./state.ts";

/** What the engine may still hold of a job that does not need it: with `log` its output stays, else nothing. */
export interface Leftover {
  readonly id: string;
  readonly keep: "log" | false;
}

/** The start that takes over the slot goes first: a removal keeps the engine's disk busy. */
const afterEndMs = 500;
const againMs = 60_000;

/** The end is on the disk: the object was the only other memory of it. */
export function leaveEnded(state: RecordsState, id: string): void {
  state.leftovers.set(id, { keep: "log", due: state.now() + afterEndMs });
  state.wake();
}

/** Nobody wants anything of these jobs. */
export function leaveForgotten(state: RecordsState, ids: readonly string[]): void {
  for (const id of ids) state.leftovers.set(id, { keep: false, due: state.now() });
  if (ids.length > 0) state.wake();
}

/** What may be taken away now, and when there will be more (milliseconds since the epoch). */
export function leftoversOf(state: RecordsState): {
  readonly due: readonly Leftover[];
  readonly next: number | undefined;
} {
  const now = state.now();
  const free = [...state.leftovers].filter(([id, { keep }]) => keep === false || isOver(state, id));
  const later = free.filter(([, { due }]) => due > now).map(([, { due }]) => due);
  return {
    due: free.filter(([, { due }]) => due <= now).map(([id, { keep }]) => ({ id, keep })),
    next: later.length === 0 ? undefined : Math.min(...later),
  };
}

/** Tells what became of a removal: what did not succeed is tried again in a minute. */
export function noteRemoval({ leftovers, now }: RecordsState, { id, keep }: Leftover, done: boolean): void {
  // Forgotten meanwhile: what was kept goes, too.
  if (leftovers.get(id)?.keep !== keep) return;
  if (done) leftovers.delete(id);
  else leftovers.set(id, { keep, due: now() + againMs });
}

// What still runs is another's to end.
function isOver({ store, leftovers }: RecordsState, id: string): boolean {
  const record = store.get(id);
  if (record === undefined) leftovers.delete(id);
  return record !== undefined && !isActive(record.state) && !record.holdsSlot;
}
