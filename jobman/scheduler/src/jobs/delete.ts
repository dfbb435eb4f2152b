import { setTimeout as delay } from "node:timers/promises";
import { isActive } from "@workstation/jobman/protocol";
import { isAuthor, type JobRecord, type StopAuthor } from "../queue/index.ts";
import { change } from "./change.ts";
import type { Core } from "./core.ts";
import { forget } from "./forget.ts";

/**
 * Ends an active job (TERM, grace, KILL; its record stays as deleted), or removes an ended one with its record.
 * Resolves with the job as it is then; when the end takes longer than its grace allows, with the job being stopped.
 */
export async function deleteJob(core: Core, record: JobRecord, by: StopAuthor): Promise<JobRecord> {
  const { id } = record.spec;
  if (!isActive(record.state) && !record.holdsSlot) {
    await forget(core, record);
    return record;
  }
  if (isActive(record.state) && !isAuthor(record.stopping)) {
    // Written before anything is done: after a crash the end is still known to have been wished.
    await core.journal.append([{ kind: "stop", id, by, at: core.now() }]);
    change(core, id, { kind: "stopAsked", cause: by });
  }
  core.wake();
  return untilEnded(core, record);
}

const engineMarginMs = 30_000;

async function untilEnded(core: Core, record: JobRecord): Promise<JobRecord> {
  const { id } = record.spec;
  const giveUp = new AbortController();
  let stop = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    const look = (): void => {
      if (!isStopping(core.store.get(id))) resolve();
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

function isStopping(record: JobRecord | undefined): boolean {
  return record !== undefined && (isActive(record.state) || record.holdsSlot);
}
