import { setTimeout as delay } from "node:timers/promises";
import { isActive } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import { isAuthor, type JobRecord, type StopAuthor } from "../queue/index.ts";
import { change } from "../records/change.ts";
import { forgetRecords, removeAllForgotten } from "../records/forget.ts";

/**
 * Ends an active job (TERM, grace, KILL; its record stays as deleted), or removes an ended one with its record.
 * Resolves with the job as it is then; when the end takes longer than its grace allows, with the job being stopped.
 */
export async function deleteJob(core: Core, record: JobRecord, by: StopAuthor): Promise<JobRecord> {
  const [deleted] = await deleteJobs(core, [record], by);
  return deleted ?? record;
}

/** `deleteJob` for several jobs side by side; what runs goes first, and containers of ended jobs are no hindrance to it. */
export async function deleteJobs(
  core: Core,
  records: readonly JobRecord[],
  by: StopAuthor,
): Promise<readonly JobRecord[]> {
  await askToStop(core, records.filter(mayBeAsked), by);
  const forgotten = await forgetRecords(
    core,
    records.filter((record) => !isOpen(record)),
  );
  const deleted = await Promise.all(
    records.map((record) => (isOpen(record) ? untilEnded(core, record) : record)),
  );
  void removeAllForgotten(core, forgotten);
  return deleted;
}

async function askToStop(core: Core, records: readonly JobRecord[], by: StopAuthor): Promise<void> {
  if (records.length > 0) {
    // Written before anything is done: after a crash the end is still known to have been wished.
    const at = core.now();
    await core.journal.append(records.map(({ spec }) => ({ kind: "stop", id: spec.id, by, at })));
    for (const { spec } of records) change(core, spec.id, { kind: "stopAsked", cause: by });
  }
  core.wake();
}

function mayBeAsked({ state, stopping }: JobRecord): boolean {
  return isActive(state) && !isAuthor(stopping);
}

function isOpen(record: JobRecord): boolean {
  return isActive(record.state) || record.holdsSlot;
}

const engineMarginMs = 30_000;

async function untilEnded(core: Core, record: JobRecord): Promise<JobRecord> {
  const { id } = record.spec;
  const giveUp = new AbortController();
  let stop = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    const look = (): void => {
      const now = core.store.get(id);
      if (now === undefined || !isOpen(now)) resolve();
    };
    stop = core.store.onChange(look);
    look();
  });
  const patience = delay(core.site.limits.stopGrace * 1000 + engineMarginMs, undefined, {
    signal: giveUp.signal,
    ref: false,
  }).catch(() => undefined);
  await Promise.race([ended, patience]);
  giveUp.abort();
  stop();
  return core.store.get(id) ?? record;
}
