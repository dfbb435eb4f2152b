/** One line of docs/performance.md: what was measured, beside what, and whether that is enough. */
export interface BenchRow {
  readonly what: string;
  /** Median of our figure, with its unit. */
  readonly ours: string;
  /** Median of what it is measured against in the same run, with its unit; empty for figures that stand alone. */
  readonly reference: string;
  /** `1.12 ×`, or empty. */
  readonly ratio: string;
  readonly target: string;
  readonly met: boolean;
  /** For a row that misses its target: why. */
  readonly note: string;
}

/** The middle of a list of numbers; NaN for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A row for a ratio against a reference measured pair by pair, in milliseconds. */
export function ratioRow(
  what: string,
  pairs: readonly { readonly ours: number; readonly reference: number }[],
  limit: { readonly atMost: number; readonly against: string; readonly note?: string },
): BenchRow {
  const ratio = median(pairs.map((pair) => pair.ours / pair.reference));
  const met = ratio <= limit.atMost;
  return {
    what,
    ours: `${median(pairs.map((pair) => pair.ours)).toFixed(1)} ms`,
    reference: `${median(pairs.map((pair) => pair.reference)).toFixed(1)} ms (${limit.against})`,
    ratio: `${ratio.toFixed(2)} ×`,
    target: `≤ ${limit.atMost} ×`,
    met,
    note: met ? "" : (limit.note ?? "not yet explained"),
  };
}

/** Runs two things in turn, `rounds` times after one warm-up, so that a drifting machine drifts for both. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<unknown>,
  reference: () => Promise<unknown>,
): Promise<readonly { readonly ours: number; readonly reference: number }[]> {
  const pairs: { readonly ours: number; readonly reference: number }[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const pair = { reference: await timed(reference), ours: await timed(ours) };
    if (round >= 0) pairs.push(pair);
  }
  return pairs;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
