import type { Core } from "../core/core.ts";
import type { JobRecord } from "../queue/index.ts";

/** Removes ended jobs for good: first the wish is written, for all at once, then records and containers go. */
export async function forget(core: Core, records: readonly JobRecord[]): Promise<void> {
  void removeAllForgotten(core, await forgetRecords(core, records));
}

/** As `forget`, but leaves the containers to a later `removeAllForgotten`; answers the ids that it wants. */
export async function forgetRecords(core: Core, records: readonly JobRecord[]): Promise<readonly string[]> {
  const ids = records.map((record) => record.spec.id);
  if (ids.length > 0) await core.journal.append(ids.map((id) => ({ kind: "forgotten", id })));
  for (const id of ids) {
    dropMemory(core, id);
    rememberForgotten(core, id);
  }
  return ids;
}

/** A removal keeps the engine's disk busy: more at once take as long, and everything else waits for them. */
const removalsAtOnce = 4;

/** Removes what is left of forgotten jobs in the engine, a few at a time. */
export async function removeAllForgotten(core: Core, ids: readonly string[]): Promise<void> {
  const waiting = ids.values();
  const removeNext = async (): Promise<void> => {
    for (const id of waiting) await removeForgotten(core, id);
  };
  await Promise.all(Array.from({ length: removalsAtOnce }, removeNext));
}

/** Removes what is left of a forgotten job in the engine; a failure is tried again when it turns up again. */
export async function removeForgotten(core: Core, id: string): Promise<void> {
  if (core.inHand.ending.has(id)) return;
  core.inHand.ending.add(id);
  try {
    await core.engine.end(id, { graceSeconds: 0, keep: false });
  } catch (error) {
    core.faults.note("engine", error);
  } finally {
    core.inHand.ending.delete(id);
  }
}

// Late news of a removed container may still come; of one forgotten so many jobs ago no more.
const rememberedIds = 10_000;

export function rememberForgotten(core: Pick<Core, "inHand">, id: string): void {
  const { forgotten } = core.inHand;
  forgotten.add(id);
  const [oldest] = forgotten;
  if (forgotten.size > rememberedIds && oldest !== undefined) forgotten.delete(oldest);
}

function dropMemory(core: Core, id: string): void {
  core.store.remove(id);
  core.inHand.startErrors.delete(id);
  core.inHand.finished.delete(id);
  core.inHand.startNoted.delete(id);
  core.inHand.unsaved.delete(id);
}
