import type { JobRecord } from "../queue/index.ts";
import type { Core } from "./core.ts";

/** Removes an ended job for good: first the wish is written, then container and record go. */
export async function forget(core: Core, record: JobRecord): Promise<void> {
  const { id } = record.spec;
  await core.journal.append([{ kind: "forgotten", id }]);
  dropMemory(core, id);
  rememberForgotten(core, id);
  removeForgotten(core, id);
}

/** Removes what is left of a forgotten job in the engine; a failure is tried again when it turns up again. */
export function removeForgotten(core: Core, id: string): void {
  if (core.inHand.ending.has(id)) return;
  core.inHand.ending.add(id);
  void core.engine
    .end(id, { graceSeconds: 0, keep: false })
    .catch((error: unknown) => core.faults.note("engine", error))
    .finally(() => core.inHand.ending.delete(id));
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
  core.inHand.gone.delete(id);
  core.inHand.startNoted.delete(id);
  core.inHand.unsaved.delete(id);
}
