import type { JobRecord } from "../queue/index.ts";

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
