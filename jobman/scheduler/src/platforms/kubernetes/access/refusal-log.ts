import type { Refusal, RefusalReason } from "./refusal.ts";

/** What was refused, for the operator: counted one by one, told at a rate that nobody can drive up. */
export interface RefusalLog {
  note(refusal: Refusal, address: string): void;
  /** How many there were since the start. */
  counts(): ReadonlyMap<RefusalReason, number>;
}

const tellEvery = 60_000;

/** `tell` hears of each reason at most once a minute; never of what was sent. */
export function createRefusalLog(now: () => number, tell: (message: string) => void): RefusalLog {
  const reasons = new Map<RefusalReason, { count: number; told: number; notBefore: number }>();
  return {
    note: ({ reason, message }, address) => {
      const entry = reasons.get(reason) ?? { count: 0, told: 0, notBefore: Number.NEGATIVE_INFINITY };
      reasons.set(reason, entry);
      entry.count += 1;
      if (now() < entry.notBefore) return;
      const more = entry.count - entry.told;
      tell(`${more} ${more === 1 ? "request" : "requests"} refused, the last from ${address}: ${message}`);
      entry.told = entry.count;
      entry.notBefore = now() + tellEvery;
    },
    counts: () => new Map([...reasons].map(([reason, { count }]) => [reason, count])),
  };
}
