const usualFirstMs = 60_000;
const longestMs = 60 * 60_000;

/**
 * How long to wait, in milliseconds, before what failed so often in a row is tried again: a minute first, where nothing else
 * is said, an hour at most.
 */
export function pauseAfter(failures: number, firstMs = usualFirstMs): number {
  return Math.min(longestMs, firstMs * 2 ** Math.max(0, failures - 1));
}
