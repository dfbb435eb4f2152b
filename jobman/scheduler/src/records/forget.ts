import type { JobRecord } from "../queue/index.ts";
import { type RecordsState, rememberForgotten } from "./state.ts";

/** Removes ended jobs for good: first the wish is written, for all at once, then the records go. */
export async function forget(state: RecordsState, records: readonly JobRecord[]): Promise<void> {
  const ids = records.map((record) => record.spec.id);
  if (ids.length > 0) await state.journal.append(ids.map((id) => ({ kind: "forgotten", id })));
  for (const id of ids) {
    drop(state, id);
    rememberForgotten(state, id);
  }
}

/** Lets go of the records whose objects are gone and whose ends are written. */
export function dropGone(state: RecordsState): void {
  for (const [id, { isGone, endOwed }] of [...state.books]) if (isGone && endOwed !== true) drop(state, id);
}

function drop(state: RecordsState, id: string): void {
  state.store.remove(id);
  state.books.delete(id);
  state.leftovers.delete(id);
}
