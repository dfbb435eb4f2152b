const firstPauseMs = 200;
const longestPauseMs = 30_000;

/**
 * How long to wait after so many failures in a row (milliseconds). The first may be chance; after that ever longer, and
 * those who failed together do not come back together: `random` is from 0 to 1.
 */
export function backOff(failures: number, random: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + random / 2);
}
