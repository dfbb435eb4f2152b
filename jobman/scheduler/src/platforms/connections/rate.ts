export interface RateLimits {
  /** What a store holds at first and at most, ... */
  readonly most: number;
  /** ... and by how much a second it fills. */
  readonly perSecond: number;
}

/** A store of which one is taken each time; false when it is empty. `now` gives milliseconds of a clock that never goes back. */
export function createRate({ most, perSecond }: RateLimits, now: () => number): () => boolean {
  let left = most;
  let filledAt = now();
  return () => {
    const at = now();
    left = Math.min(most, left + ((at - filledAt) / 1000) * perSecond);
    filledAt = at;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
