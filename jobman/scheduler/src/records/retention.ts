import type { Core } from "../core/core.ts";
import type { JobRecord } from "../queue/index.ts";
import { forget } from "./forget.ts";

/** Forgets the ended jobs that the site does not keep any longer. */
export async function sweepEnded(core: Core): Promise<void> {
  const rule = { seconds: core.site.retention.endedJobs, perUser: core.site.retention.perUser };
  await forget(core, outOfRetention(core.store.ended(), rule, core.now()));
}

/** Ended jobs that are too old, or more than a user may keep; the newest are kept. */
export function outOfRetention(
  ended: readonly JobRecord[],
  rule: { readonly seconds: number; readonly perUser: number },
  now: number,
): readonly JobRecord[] {
  const oldest = now - rule.seconds * 1000;
  const groups = Map.groupBy(ended, (record) => record.spec.owner).values();
  return [...groups].flatMap((records) =>
    records
      .toSorted((a, b) => endOf(b) - endOf(a))
      .filter((record, index) => index >= rule.perUser || endOf(record) < oldest),
  );
}

function endOf(record: JobRecord): number {
  return record.endedAt ?? record.spec.submittedAt;
}
