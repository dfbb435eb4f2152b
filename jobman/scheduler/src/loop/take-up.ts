import { isActive } from "@workstation/jobman/protocol";
import type { EngineJob } from "../engines/engine.ts";
import { inBackground, noteEnd, noteStart } from "../jobs/change.ts";
import type { Core } from "../jobs/core.ts";
import { rememberForgotten, removeAllForgotten } from "../jobs/forget.ts";
import { recover } from "../jobs/recover.ts";
import type { JournalEntry } from "../journal/entry.ts";

/** Fills the store of a scheduler that just started, and shortens its journal. */
export async function takeUp(
  core: Core,
  entries: readonly JournalEntry[],
  jobs: readonly EngineJob[],
): Promise<void> {
  const recovered = recover(entries, jobs, core.now());
  for (const record of recovered.records) core.store.put(record);
  for (const [id, message] of recovered.startErrors) core.inHand.startErrors.set(id, message);
  for (const id of recovered.gone) core.inHand.gone.add(id);
  for (const id of recovered.startNoted) core.inHand.startNoted.add(id);
  core.inHand.lastSequence = recovered.lastSequence;
  await shortenJournal(core, recovered.journal);
  for (const record of recovered.records.filter((each) => isActive(each.state))) noteStart(core, record);
  for (const record of recovered.newlyEnded) {
    noteStart(core, record);
    noteEnd(core, record);
  }
  core.inHand.history = recovered.history;
  for (const id of recovered.forgotten) rememberForgotten(core, id);
  void removeAllForgotten(core, recovered.forgotten);
}

// A journal that cannot be shortened is longer than it must be, and that is all.
async function shortenJournal(core: Core, entries: readonly JournalEntry[]): Promise<void> {
  inBackground(core, "journal", () => core.journal.rewrite(entries));
  await Promise.all(core.inHand.writes);
}
