import { isActive } from "@workstation/jobman/protocol";
import type { JobRecord, QueueSnapshot } from "../model.ts";
import type { Decision } from "../plan.ts";
import type { CrashingScheduler } from "./crashing-scheduler.ts";

/** A cycle's admissions of waiting jobs, judged one after the other by the rules as they are written down. */
export function checkCycle(snapshot: QueueSnapshot, decisions: readonly Decision[]): void {
  const records = new Map(snapshot.jobs.map((job) => [job.spec.id, job]));
  for (const decision of decisions) {
    const job = records.get(decision.id);
    if (job === undefined) throw new Error(`${decision.id}: decided on, but unknown`);
    if (decision.kind === "end" || job.state === "starting") continue;
    if (!mayStart([...records.values()], job, snapshot)) throw new Error(`${decision.id}: not its turn`);
    records.set(decision.id, { ...job, state: "starting", holdsSlot: true });
  }
  const left = [...records.values()].find((job) => mayStart([...records.values()], job, snapshot));
  if (left !== undefined) throw new Error(`${left.spec.id}: could start, but was not admitted`);
}

function mayStart(jobs: readonly JobRecord[], job: JobRecord, snapshot: QueueSnapshot): boolean {
  if (!isEligible(jobs, job, snapshot)) return false;
  const { flavor, sequence } = job.spec;
  return !jobs.some(
    (other) =>
      other.spec.flavor === flavor && other.spec.sequence < sequence && isEligible(jobs, other, snapshot),
  );
}

function isEligible(
  jobs: readonly JobRecord[],
  { spec, ...job }: JobRecord,
  snapshot: QueueSnapshot,
): boolean {
  const holding = jobs.filter((other) => other.holdsSlot);
  const slots = snapshot.flavors.find((flavor) => flavor.name === spec.flavor)?.slots ?? 0;
  const used = holding.filter((other) => other.spec.flavor === spec.flavor).length;
  const own = holding.filter((other) => other.spec.owner === spec.owner).length;
  const waits = job.state === "queued" && job.stopping === undefined;
  return waits && used < slots && own < snapshot.maxActiveJobsPerUser;
}

/** What must be true at every moment of what really runs, whatever the scheduler believes. */
export function checkReality(scheduler: CrashingScheduler, ceilings: Map<string, number>): void {
  const running = [...scheduler.engine.containers.values()].filter(({ phase }) => phase === "running");
  for (const { spec, starts } of running) {
    if (starts > 1) throw new Error(`${spec.id}: started twice`);
    if (!scheduler.records.get(spec.id)?.holdsSlot) throw new Error(`${spec.id}: runs without a slot`);
  }
  for (const [flavor, slots] of scheduler.slots) {
    const used = [...scheduler.records.values()].filter(
      (job) => job.holdsSlot && job.spec.flavor === flavor,
    ).length;
    const ceiling = Math.max(slots, Math.min(ceilings.get(flavor) ?? slots, used));
    ceilings.set(flavor, ceiling);
    const here = running.filter(({ spec }) => spec.flavor === flavor).length;
    if (here > ceiling) throw new Error(`${flavor}: ${here} jobs run in ${ceiling} slots`);
  }
  const owners = Map.groupBy(running, ({ spec }) => spec.owner);
  for (const [owner, jobs] of owners) {
    if (jobs.length > scheduler.cap)
      throw new Error(`${owner}: ${jobs.length} jobs run, the cap is ${scheduler.cap}`);
  }
}

/** What must be true once all has come to rest. */
export function checkRest(scheduler: CrashingScheduler): void {
  for (const container of scheduler.engine.containers.values()) {
    const { spec, phase, starts } = container;
    const record = scheduler.records.get(spec.id);
    if (record === undefined) {
      if (phase !== "removed") throw new Error(`${spec.id}: lost`);
      continue;
    }
    if (isActive(record.state)) throw new Error(`${spec.id}: still ${record.state}`);
    if (record.holdsSlot) throw new Error(`${spec.id}: leaked its slot`);
    const excused = phase === "removed" || container.startError !== undefined;
    if (starts !== 1 && !excused) throw new Error(`${spec.id}: started ${starts} times`);
    if (phase === "ended") checkEnd(scheduler, record, container.nodeLost === true);
  }
}

function checkEnd({ journal }: CrashingScheduler, record: JobRecord, nodeLost: boolean): void {
  const { spec, startedAt = 0, endedAt = 0 } = record;
  const author = journal.get(spec.id);
  const ranOut = endedAt - startedAt >= spec.timeLimitSeconds * 1000;
  const expected = author ?? (ranOut ? "limit" : nodeLost ? "node" : "itself");
  if (record.reason !== reasons[expected]) {
    throw new Error(`${spec.id}: ${record.reason}, but it was ended by ${expected}`);
  }
}

/** Who or what ended a job, and how it must read. */
const reasons = {
  user: "DeletedByUser",
  operator: "DeletedByOperator",
  limit: "DeadlineExceeded",
  node: "NodeLost",
  itself: "Completed",
} as const;
