import { isActive } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import { type JobEvent, type JobRecord, reduce, withRun } from "../queue/index.ts";
import { cutText } from "./cut-texts.ts";
import type { JournalEntry } from "./entry.ts";
import { finish } from "./finish.ts";
import { shortSpec } from "./short-spec.ts";

/** Lets `event` happen to a job: the one way in which a record changes. Audit and journal follow. */
export function change(core: Core, id: string, event: JobEvent): void {
  const before = core.store.get(id);
  if (before === undefined) return;
  const after = reduce(before, event);
  if (after === before) return;
  core.store.put(after);
  // The engine's own time of the start comes with what is observed, not with the answer to the admission.
  if (event.kind !== "answered") noteStart(core, after);
  if (isActive(before.state) && !isActive(after.state)) noteEnd(core, after);
}

/** Writes the start of a job to the audit and the journal, once. */
export function noteStart(core: Core, record: JobRecord): void {
  const { id } = record.spec;
  if (record.startedAt === undefined || core.inHand.startNoted.has(id)) return;
  const at = record.startedAt;
  core.inHand.startNoted.add(id);
  inBackground(core, "journal", async () => {
    try {
      await core.audit.started(record);
      await core.journal.append([{ kind: "started", id, at }]);
    } catch (error) {
      // Tried again with the job's next change, at the latest with its end.
      core.inHand.startNoted.delete(id);
      throw error;
    }
  });
}

/** Counts the run of a job that ended, and writes its end. */
function noteEnd(core: Core, record: JobRecord): void {
  core.inHand.history = withRun(core.inHand.history, record);
  core.inHand.unsaved.add(record.spec.id);
  writeEnd(core, record);
}

/** Writes the end of an unsaved job to the audit and the journal; tried again by `saveEnds` when it fails. */
export function writeEnd(core: Core, record: JobRecord): void {
  inBackground(core, "journal", () => saveEnd(core, record.spec.id));
}

/** Writes the ends that could not be written before. */
export async function saveEnds(core: Core): Promise<void> {
  for (const id of [...core.inHand.unsaved]) await saveEnd(core, id);
}

/** A job's end as a journal entry. */
export function endedEntry(record: JobRecord, startError: string | undefined): JournalEntry {
  const { spec, state, reason, startedAt, endedAt, exitCode, initError, memoryKilled } = record;
  return {
    kind: "ended",
    record: {
      spec: shortSpec(spec),
      state,
      reason,
      holdsSlot: false,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(endedAt === undefined ? {} : { endedAt }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(initError === undefined ? {} : { initError }),
      ...(memoryKilled === undefined ? {} : { memoryKilled }),
    },
    ...(startError === undefined ? {} : { startError }),
  };
}

/** Remembers why a job could not be started: the engine's words, which may repeat the whole command. */
export function noteStartError(core: Pick<Core, "inHand">, id: string, message: string): void {
  core.inHand.startErrors.set(id, cutText(message, startErrorRoom));
}

const startErrorRoom = 2048;

/** Runs a write that nobody waits for; a failure is a fault for the operator, never lost silently. */
export function inBackground(core: Core, where: string, work: () => Promise<void>): void {
  const write = work().catch((error: unknown) => core.faults.note(where, error));
  core.inHand.writes.add(write);
  void write.finally(() => core.inHand.writes.delete(write));
}

async function saveEnd(core: Core, id: string): Promise<void> {
  const record = core.store.get(id);
  if (record !== undefined && !isActive(record.state)) {
    if (record.startedAt !== undefined && !core.inHand.startNoted.has(id)) await core.audit.started(record);
    await core.audit.ended(record);
    if (core.store.get(id) === undefined) return;
    await core.journal.append([endedEntry(record, core.inHand.startErrors.get(id))]);
  }
  core.inHand.unsaved.delete(id);
  core.inHand.startNoted.delete(id);
  // Not before: the engine's object is the only other memory of the end.
  finish(core, id);
}
