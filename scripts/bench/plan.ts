import { type JobRecord, plan, type QueueSnapshot } from "../../jobman/scheduler/src/queue/index.ts";
import { runningJob, waitingJob } from "../../jobman/scheduler/src/queue/testing/make-job.ts";
import { type BenchRow, inTurn, median } from "./row.ts";

const rounds = 31;
const sizes = [1000, 10_000, 100_000] as const;
const flavors = ["small-gpu", "medium-gpu", "large-gpu", "no-gpu"].map((name) => ({ name, slots: 6 }));

/** One look at a queue, beside a bare loop over the same fields; and how the time grows with the jobs. */
export async function benchPlan(): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = [];
  const times = new Map<number, Times>();
  for (const size of sizes) {
    const ours = await measure(snapshotOf(waitingLine(size)), `\`plan()\`, ${shown(size)} queued jobs`);
    times.set(size, ours.times);
    rows.push(ours.row);
  }
  const most = 100_000;
  const scrambled = waitingLine(most).sort((a, b) => scramble(a) - scramble(b));
  rows.push((await measure(snapshotOf(scrambled), `\`plan()\`, ${shown(most)} queued jobs in no order`)).row);
  rows.push(growthRow(times.get(most / 10), times.get(most)));
  return rows;
}

const mostMilliseconds = 50;

/** Milliseconds of `plan()` and of the loop beside it. */
interface Times {
  readonly ours: number;
  readonly loop: number;
}

async function measure(snapshot: QueueSnapshot, what: string) {
  const pairs = await inTurn(
    rounds,
    async () => plan(snapshot, 1),
    async () => countWaiting(snapshot),
  );
  const milliseconds = median(pairs.map((pair) => pair.ours));
  const reference = median(pairs.map((pair) => pair.reference));
  const met = milliseconds <= mostMilliseconds;
  const row: BenchRow = {
    what,
    ours: `${milliseconds.toFixed(2)} ms`,
    reference: `${reference.toFixed(2)} ms (a loop that reads the same fields)`,
    ratio: `${(milliseconds / reference).toFixed(1)} ×`,
    target: `≤ ${mostMilliseconds} ms`,
    met,
    note: met ? "" : "slow memory or a busy machine, as the loop beside it shows",
  };
  return { times: { ours: milliseconds, loop: reference }, row };
}

/** Linear means: not faster than the loop, whose own growth shows where records no longer fit into the caches. */
function growthRow(small: Times | undefined, large: Times | undefined): BenchRow {
  const growth = (large?.ours ?? Number.NaN) / (small?.ours ?? Number.NaN);
  const loopGrowth = (large?.loop ?? Number.NaN) / (small?.loop ?? Number.NaN);
  const met = growth <= Math.max(10, loopGrowth);
  return {
    what: "`plan()`, ten times the jobs (10,000 to 100,000)",
    ours: `${growth.toFixed(1)} × the time`,
    reference: `${loopGrowth.toFixed(1)} × the time of the loop`,
    ratio: `${(growth / loopGrowth).toFixed(1)} ×`,
    target: "≤ 10 ×, or no more than the loop",
    met,
    note: met ? "" : "grows faster than the jobs",
  };
}

/** As busy as a queue gets: each flavor has free slots, and one in four of them is to be filled. */
function snapshotOf(waiting: readonly JobRecord[]): QueueSnapshot {
  const running = Array.from({ length: 18 }, (_, index) =>
    runningJob({ sequence: index, owner: `running-${index}`, flavor: flavorOf(index) }),
  );
  return { jobs: [...running, ...waiting], flavors, maxActiveJobsPerUser: 1 };
}

function waitingLine(size: number): JobRecord[] {
  return Array.from({ length: size }, (_, index) =>
    waitingJob({ sequence: 100 + index, owner: `user-${index}`, flavor: flavorOf(index) }),
  );
}

function flavorOf(index: number): string {
  return flavors[index % flavors.length]?.name ?? "";
}

/** What no plan can do without: it tells how much of the time is memory. */
function countWaiting({ jobs }: QueueSnapshot): number {
  let waiting = 0;
  for (const { state, holdsSlot, stopping, spec } of jobs) {
    const waits = state === "queued" && !holdsSlot && stopping === undefined;
    if (waits && spec.flavor !== "" && spec.sequence > 0) waiting += 1;
  }
  return waiting;
}

function scramble(job: JobRecord): number {
  return Math.imul(job.spec.sequence, 2_654_435_761) >>> 0;
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
