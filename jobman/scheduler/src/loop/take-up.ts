import { isActive } from "@workstation/jobman/protocol";
import { stateFolders } from "@workstation/site";
import type { Core } from "../core/core.ts";
import { sweepLogs } from "../logs/sweep-logs.ts";
import type { EngineJob } from "../platforms/engine.ts";
import { inBackground, noteStart, noteStartError, writeEnd } from "../records/change.ts";
import { finish } from "../records/finish.ts";
import { rememberForgotten, removeAllForgotten } from "../records/forget.ts";
import { livingEntries } from "../records/living.ts";
import type { Memory } from "../records/memory.ts";
import { recover } from "../records/recover.ts";

/** Fills the store of a scheduler that just started, and shortens its journal, from now on whenever it grows long. */
export async function takeUp(core: Core, memory: Memory, jobs: readonly EngineJob[]): Promise<void> {
  const recovered = recover(memory, jobs, core.now());
  for (const record of recovered.records) core.store.put(record);
  for (const [id, message] of recovered.startErrors) noteStartError(core, id, message);
  for (const id of recovered.startNoted) core.inHand.startNoted.add(id);
  for (const { spec } of recovered.newlyEnded) core.inHand.unsaved.add(spec.id);
  for (const id of recovered.forgotten) rememberForgotten(core, id);
  core.inHand.history = recovered.history;
  core.inHand.lastSequence = recovered.lastSequence;
  await shortenJournal(core);
  for (const record of recovered.records.filter((each) => isActive(each.state))) noteStart(core, record);
  for (const record of recovered.newlyEnded) {
    noteStart(core, record);
    writeEnd(core, record);
  }
  for (const id of recovered.finished) finish(core, id);
  void removeAllForgotten(core, recovered.forgotten);
  inBackground(core, "logs", () =>
    sweepLogs(stateFolders(core.state).logs, (id) => core.store.get(id) !== undefined),
  );
}

// A journal that cannot be shortened is longer than it must be, and that is all.
async function shortenJournal(core: Core): Promise<void> {
  const living = () => livingEntries(core);
  inBackground(core, "journal", () => core.journal.shorten(living));
  await Promise.all(core.inHand.writes);
  core.journal.keepShort(living, (error) => core.faults.note("journal", error));
}
