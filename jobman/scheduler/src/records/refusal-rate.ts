/** How many refusals of one user are written down: some at once, then a steady few. */
export interface RefusalRate {
  /** True where the next refusal of this user may be written; else it is counted as left out. */
  mayWrite(user: string): boolean;
  /** Users of whom refusals were left out, and how many; each is told once. */
  takeLeftOut(user?: string): readonly LeftOut[];
  /** Counts one more that could not be written. */
  leaveOut(user: string): void;
}

export interface LeftOut {
  readonly user: string;
  readonly more: number;
}

const burst = 20;
const perSecond = 1;

/** `now` in milliseconds. */
export function createRefusalRate(now: () => number): RefusalRate {
  const users = new Map<string, Bucket>();
  const bucketOf = (user: string): Bucket => {
    const bucket = users.get(user) ?? { tokens: burst, at: now(), leftOut: 0 };
    users.set(user, bucket);
    return bucket;
  };
  const leaveOut = (user: string): void => {
    bucketOf(user).leftOut += 1;
  };
  return {
    mayWrite: (user) => {
      const may = takeToken(bucketOf(user), now());
      if (!may) leaveOut(user);
      return may;
    },
    leaveOut,
    takeLeftOut: (user) =>
      (user === undefined ? [...users.keys()] : [user]).flatMap((each) => takeFrom(each, bucketOf(each))),
  };
}

interface Bucket {
  tokens: number;
  at: number;
  leftOut: number;
}

function takeToken(bucket: Bucket, now: number): boolean {
  const gained = (Math.max(0, now - bucket.at) / 1000) * perSecond;
  bucket.tokens = Math.min(burst, bucket.tokens + gained);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

function takeFrom(user: string, bucket: Bucket): readonly LeftOut[] {
  if (bucket.leftOut === 0) return [];
  const more = bucket.leftOut;
  bucket.leftOut = 0;
  return [{ user, more }];
}
