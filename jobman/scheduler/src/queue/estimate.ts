import { heapFrom, popHeap, pushHeap } from "./heap.ts";
import type { RunHistory } from "./history.ts";
import type { FlavorCapacity, JobReason, JobRecord, QueueSnapshot } from "./model.ts";
import { byOrder } from "./plan.ts";

/** What a waiting job may be told. Times are milliseconds since the epoch. */
export interface StartEstimate {
  /** 1-based place among the jobs that wait for the same flavor. */
  readonly position: number;
  /** Why it waits. */
  readonly reason: Extract<JobReason, "WaitingForSlot" | "UserLimit" | "NoDevices">;
  /** Absent when the flavor has no slots, or when the owner has more active jobs than the cap. */
  readonly latestStartAt?: number;
  /** Absent, too, while no job of the flavor has ended yet. */
  readonly expectedStartAt?: number;
}

export interface EstimateOptions {
  readonly now: number;
  /** Between TERM and KILL: a job may hold its slot so long beyond its limit. */
  readonly stopGraceSeconds: number;
  readonly history: RunHistory;
  /** Only this flavor's jobs; default all. */
  readonly flavor?: string;
}

/**
 * The estimates of all waiting jobs, by job id.
 *
 * `latestStartAt` is a bound: every job before this one ends at the latest at its time limit and the grace of its
 * stop, so the k-th waiting job starts at the latest when a slot must become free for the k-th time. It holds as
 * long as the flavor keeps its slots, the cap is not changed, and the engine carries out what it is told; the
 * moments that the engine needs to stop one container and to start the next come on top.
 *
 * `expectedStartAt` is the same reckoning with the mean of the flavor's last runs in place of the limits. A running
 * job counts with the mean of those runs that lasted longer than it has run already.
 *
 * Takes n log n for n waiting jobs, next to linear when they come in their order.
 */
export function estimateStarts(
  snapshot: QueueSnapshot,
  options: EstimateOptions,
): ReadonlyMap<string, StartEstimate> {
  const estimates = new Map<string, StartEstimate>();
  const overCap = ownersOverCap(snapshot);
  const waiting = Map.groupBy(snapshot.jobs.filter(isWaiting), (job) => job.spec.flavor);
  const holding = Map.groupBy(
    snapshot.jobs.filter((job) => job.holdsSlot),
    (job) => job.spec.flavor,
  );
  for (const [name, jobs] of waiting) {
    if (options.flavor !== undefined && name !== options.flavor) continue;
    const flavor = snapshot.flavors.find((each) => each.name === name) ?? { name, slots: 0 };
    const queue = { flavor, waiting: jobs.sort(byOrder), holding: holding.get(name) ?? [], overCap };
    estimateFlavor(queue, options, estimates);
  }
  return estimates;
}

interface FlavorQueue {
  readonly flavor: FlavorCapacity;
  /** In their order. */
  readonly waiting: readonly JobRecord[];
  readonly holding: readonly JobRecord[];
  readonly overCap: ReadonlySet<string>;
}

function estimateFlavor(
  queue: FlavorQueue,
  options: EstimateOptions,
  estimates: Map<string, StartEstimate>,
): void {
  const latest = startTimes(queue, options.now, longestRuns(queue, options));
  const expected = startTimes(queue, options.now, typicalRuns(queue, options));
  queue.waiting.forEach((job, index) => {
    const passedOver = queue.overCap.has(job.spec.owner);
    estimates.set(job.spec.id, {
      position: index + 1,
      reason: queue.flavor.slots === 0 ? "NoDevices" : passedOver ? "UserLimit" : "WaitingForSlot",
      ...(passedOver ? {} : optionalTimes(latest?.[index], expected?.[index])),
    });
  });
}

function optionalTimes(latest: number | undefined, expected: number | undefined) {
  return {
    ...(latest === undefined ? {} : { latestStartAt: Math.ceil(latest) }),
    ...(expected === undefined ? {} : { expectedStartAt: Math.ceil(expected) }),
  };
}

/** How long jobs run, in milliseconds: a job that holds a slot from now on, a waiting one from its start on. */
interface RunTimes {
  readonly remaining: (job: JobRecord) => number;
  readonly whole: (job: JobRecord) => number;
}

/** When each waiting job starts if all run as told; undefined when the flavor has no slots. */
function startTimes(
  queue: FlavorQueue,
  now: number,
  runs: RunTimes | undefined,
): readonly number[] | undefined {
  const { slots } = queue.flavor;
  if (slots === 0 || runs === undefined) return undefined;
  const releases = queue.holding.map((job) => now + Math.max(0, runs.remaining(job))).sort((a, b) => b - a);
  // More jobs than slots after slots were taken away: the first ends free nothing.
  const busy = releases.slice(0, slots);
  const idle = Array.from({ length: Math.max(0, slots - busy.length) }, () => now);
  const free = heapFrom([...busy, ...idle], (a, b) => a < b);
  return queue.waiting.map((job) => {
    const start = popHeap(free) ?? now;
    pushHeap(free, start + runs.whole(job));
    return start;
  });
}

/**
 * A job whose owner is over the cap may be passed over and then start between later ones. With one limit for all
 * that changes nothing; with several, the order does matter, so each counts with the longest.
 */
function longestRuns(queue: FlavorQueue, { now, stopGraceSeconds }: EstimateOptions): RunTimes {
  const grace = stopGraceSeconds * 1000;
  const mayChangeOrder = queue.waiting.some((job) => queue.overCap.has(job.spec.owner));
  const longest = mayChangeOrder ? queue.waiting.reduce((most, job) => Math.max(most, limitOf(job)), 0) : 0;
  return {
    remaining: (job) => {
      const left = (job.startedAt ?? now) + limitOf(job) + grace - now;
      return job.stopping === undefined ? left : Math.min(left, grace);
    },
    whole: (job) => Math.max(limitOf(job), longest) + grace,
  };
}

function typicalRuns(queue: FlavorQueue, { now, history }: EstimateOptions): RunTimes | undefined {
  const runs = (history.get(queue.flavor.name) ?? []).map((seconds) => seconds * 1000);
  if (runs.length === 0) return undefined;
  const typical = mean(runs);
  return {
    remaining: (job) => {
      if (job.stopping !== undefined) return 0;
      const elapsed = now - (job.startedAt ?? now);
      const longer = runs.filter((run) => run > elapsed);
      const whole = longer.length === 0 ? limitOf(job) : Math.min(mean(longer), limitOf(job));
      return whole - elapsed;
    },
    whole: (job) => Math.min(typical, limitOf(job)),
  };
}

function limitOf(job: JobRecord): number {
  return job.spec.timeLimitSeconds * 1000;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function isWaiting(job: JobRecord): boolean {
  return job.state === "queued" && job.stopping === undefined;
}

function ownersOverCap(snapshot: QueueSnapshot): ReadonlySet<string> {
  const active = new Map<string, number>();
  for (const job of snapshot.jobs) {
    if (isWaiting(job) || job.holdsSlot) active.set(job.spec.owner, (active.get(job.spec.owner) ?? 0) + 1);
  }
  return new Set(
    [...active].filter(([, jobs]) => jobs > snapshot.maxActiveJobsPerUser).map(([name]) => name),
  );
}
