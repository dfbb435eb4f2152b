import { isActive } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";

/** The start that takes over the slot goes first: a removal keeps the engine's disk busy. */
const afterMs = 500;

/** Takes away the container and the scratch space of a job whose end is written: record and output are kept without. */
export function finish(core: Core, id: string): void {
  core.inHand.finished.add(id);
  setTimeout(() => void removeFinished(core, id), afterMs).unref();
}

/** Tries again what did not succeed. */
export async function removeAllFinished(core: Core): Promise<void> {
  for (const id of [...core.inHand.finished]) await removeFinished(core, id);
}

async function removeFinished(core: Core, id: string): Promise<void> {
  const { finished, ending, unsaved } = core.inHand;
  const record = core.store.get(id);
  if (record === undefined || isActive(record.state)) {
    finished.delete(id);
    return;
  }
  // What still runs, and what is being ended, is another's to end.
  if (!finished.has(id) || ending.has(id) || unsaved.has(id) || record.holdsSlot) return;
  ending.add(id);
  try {
    await core.engine.end(id, { graceSeconds: 0, keep: "log" });
    finished.delete(id);
  } catch (error) {
    core.faults.note("engine", error);
  } finally {
    ending.delete(id);
  }
}
