import { isActive } from "@workstation/jobman/protocol";
import type { EngineJob } from "../platforms/engine.ts";
import { noteStart, writeEnd } from "./change.ts";
import { leaveEnded, leaveForgotten } from "./leftovers.ts";
import { livingEntries } from "./living.ts";
import type { Memory } from "./memory.ts";
import { type Recovered, recover } from "./recover.ts";
import { bookOf, noteStartError, type RecordsState, rememberForgotten } from "./state.ts";

/** Takes up what the journal and the engine's first picture tell, and shortens the journal, from now on whenever it grows long. */
export async function resume(state: RecordsState, memory: Memory, jobs: readonly EngineJob[]): Promise<void> {
  const recovered = recover(memory, jobs, state.now());
  fill(state, recovered);
  await shortenJournal(state);
  for (const record of recovered.records.filter((each) => isActive(each.state))) noteStart(state, record);
  for (const record of recovered.newlyEnded) {
    noteStart(state, record);
    writeEnd(state, record.spec.id);
  }
  for (const id of recovered.finished) leaveEnded(state, id);
  leaveForgotten(state, recovered.forgotten);
}

/** Puts what was recovered into the memory. */
export function fill(state: RecordsState, recovered: Recovered): void {
  for (const record of recovered.records) state.store.put(record);
  for (const [id, message] of recovered.startErrors) noteStartError(state, id, message);
  for (const id of recovered.startNoted) bookOf(state, id).startWritten = true;
  for (const { spec } of recovered.newlyEnded) bookOf(state, spec.id).endOwed = true;
  for (const id of recovered.forgotten) rememberForgotten(state, id);
  state.history = recovered.history;
  state.lastSequence = recovered.lastSequence;
}

// A journal that cannot be shortened is longer than it must be, and that is all.
async function shortenJournal(state: RecordsState): Promise<void> {
  const living = () => livingEntries(state);
  await state.background.run("journal", () => state.journal.shorten(living));
  state.journal.keepShort(living, (error) => state.faults.note("journal", error));
}
