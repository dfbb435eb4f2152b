import { setTimeout as delay } from "node:timers/promises";
import { isActive } from "@workstation/jobman/protocol";
import { askStop, type Core } from "../core/core.ts";
import type { JobRecord, StopAuthor } from "../queue/index.ts";

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
  const running = records.filter(({ state }) => isActive(state)).map(({ spec }) => spec.id);
  await askStop(core, running, by);
  core.wake();
  const over = records.filter((record) => !isOpen(record));
  await core.records.forget(over);
  const deleted = await Promise.all(
    records.map((record) => (isOpen(record) ? untilEnded(core, record) : record)),
  );
  core.records.giveUp(over.map(({ spec }) => spec.id));
  return deleted;
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
      const now = core.records.get(id);
      if (now === undefined || !isOpen(now)) resolve();
    };
    stop = core.records.onChange(look);
    look();
  });
  const patience = delay(core.site.limits.stopGrace * 1000 + engineMarginMs, undefined, {
    signal: giveUp.signal,
    ref: false,
  }).catch(() => undefined);
  await Promise.race([ended, patience]);
  giveUp.abort();
  stop();
  return core.records.get(id) ?? record;
}
