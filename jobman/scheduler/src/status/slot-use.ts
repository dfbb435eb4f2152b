import type { JobRecord } from "../queue/index.ts";

/** How a flavor's slots are used now. */
export interface SlotUse {
  readonly running: number;
  readonly waiting: number;
}

/** Counts, by flavor, the jobs that hold a slot and those that wait for one. */
export function slotUse(jobs: readonly JobRecord[]): ReadonlyMap<string, SlotUse> {
  const use = new Map<string, { running: number; waiting: number }>();
  for (const job of jobs) {
    const counts = use.get(job.spec.flavor) ?? { running: 0, waiting: 0 };
    if (job.holdsSlot) counts.running += 1;
    else if (job.state === "queued") counts.waiting += 1;
    use.set(job.spec.flavor, counts);
  }
  return use;
}
