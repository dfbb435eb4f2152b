import { type Heap, heapFrom, popHeap, pushHeap } from "../queue/heap.ts";
import {
  type Decision,
  type JobEvent,
  type JobRecord,
  type JobSpec,
  plan,
  type QueueSnapshot,
  queuedRecord,
  reduce,
} from "../queue/index.ts";
import type { PlannedJob, SimulatedFlavor, Workload } from "./workload.ts";

export interface SimulationOptions {
  readonly flavors: readonly SimulatedFlavor[];
  readonly maxActiveJobsPerUser: number;
  readonly workload: Workload;
  /** The simulation ends when so many jobs have ended. */
  readonly jobs: number;
  /** Sees each cycle: what was known, when, and what was decided. */
  readonly observe?: (snapshot: QueueSnapshot, now: number, decisions: readonly Decision[]) => void;
}

/** The ended jobs in the order of their ends, and when the last one ended (milliseconds from the beginning). */
export interface SimulationResult {
  readonly ended: readonly JobRecord[];
  readonly duration: number;
}

/**
 * Runs the queue's own `plan` and `reduce` in virtual time, against an engine that does at once what it is told.
 * The same workload gives the same result.
 */
export function simulate(options: SimulationOptions): SimulationResult {
  const world = createWorld(options);
  for (let user = 0; user < options.workload.users; user += 1) schedulePause(world, user);
  while (world.ended.length < options.jobs) {
    const next = popHeap(world.agenda);
    if (next === undefined) break;
    world.now = next.at;
    for (let due: Appointment | undefined = next; due !== undefined; due = popDue(world)) due.happen();
    runCycle(world);
  }
  return { ended: world.ended, duration: world.now };
}

interface Appointment {
  readonly at: number;
  /** Decides between appointments of the same moment: the order in which they were made. */
  readonly number: number;
  readonly happen: () => void;
}

interface World {
  readonly options: SimulationOptions;
  readonly agenda: Heap<Appointment>;
  readonly active: Map<string, JobRecord>;
  readonly plans: Map<string, PlannedJob & { readonly user: number }>;
  readonly ended: JobRecord[];
  now: number;
  submitted: number;
  appointments: number;
}

function createWorld(options: SimulationOptions): World {
  return {
    options,
    agenda: heapFrom<Appointment>([], (a, b) => a.at < b.at || (a.at === b.at && a.number < b.number)),
    active: new Map(),
    plans: new Map(),
    ended: [],
    now: 0,
    submitted: 0,
    appointments: 0,
  };
}

function popDue(world: World): Appointment | undefined {
  return world.agenda.items[0]?.at === world.now ? popHeap(world.agenda) : undefined;
}

function schedule(world: World, seconds: number, happen: () => void): void {
  world.appointments += 1;
  const at = world.now + Math.round(seconds * 1000);
  pushHeap(world.agenda, { at, number: world.appointments, happen });
}

function schedulePause(world: World, user: number): void {
  schedule(world, world.options.workload.pauseSeconds(), () => submit(world, user));
}

function submit(world: World, user: number): void {
  const job = world.options.workload.nextJob();
  world.submitted += 1;
  const record = queuedRecord(specOf(job, user, world));
  world.plans.set(record.spec.id, { ...job, user });
  world.active.set(record.spec.id, record);
}

function runCycle(world: World): void {
  const { flavors, maxActiveJobsPerUser, observe } = world.options;
  const snapshot = { jobs: [...world.active.values()], flavors, maxActiveJobsPerUser };
  const decisions = plan(snapshot, world.now);
  observe?.(snapshot, world.now, decisions);
  for (const decision of decisions) {
    if (decision.kind === "admit") start(world, decision.id);
    else stop(world, decision);
  }
}

function start(world: World, id: string): void {
  apply(world, id, { kind: "admitting" });
  apply(world, id, { kind: "observed", job: { phase: "running", startedAt: world.now }, at: world.now });
  const job = planOf(world, id);
  schedule(world, job.runSeconds, () => end(world, id, job.exitCode));
  // Wakes the queue; that the limit is reached is for `plan` to see.
  if (job.runSeconds > job.flavor.timeLimitSeconds) schedule(world, job.flavor.timeLimitSeconds, () => {});
}

function stop(world: World, decision: Extract<Decision, { kind: "end" }>): void {
  const before = world.active.get(decision.id);
  if (before?.stopping !== undefined) return;
  apply(world, decision.id, { kind: "stopAsked", cause: decision.cause });
  schedule(world, planOf(world, decision.id).stopSeconds, () => end(world, decision.id, 143));
}

function end(world: World, id: string, exitCode: number): void {
  if (!world.active.has(id)) return;
  apply(world, id, {
    kind: "observed",
    job: { phase: "ended", endedAt: world.now, exitCode },
    at: world.now,
  });
  const record = world.active.get(id);
  if (record === undefined) return;
  world.active.delete(id);
  world.ended.push(record);
  schedulePause(world, planOf(world, id).user);
  world.plans.delete(id);
}

function apply(world: World, id: string, event: JobEvent): void {
  const record = world.active.get(id);
  if (record === undefined) throw new Error(`the queue decided on ${id}, which is not active`);
  world.active.set(id, reduce(record, event));
}

function planOf(world: World, id: string): PlannedJob & { readonly user: number } {
  const job = world.plans.get(id);
  if (job === undefined) throw new Error(`${id} was never submitted`);
  return job;
}

function specOf(job: PlannedJob, user: number, world: World): JobSpec {
  return {
    id: `job-${world.submitted}`,
    name: `job-${world.submitted}`,
    owner: `user-${user}`,
    uid: 1000,
    gid: 1000,
    image: "simulated",
    flavor: job.flavor.name,
    arguments: [],
    exact: false,
    annotations: {},
    datasets: [],
    timeLimitSeconds: job.flavor.timeLimitSeconds,
    sequence: world.submitted,
    submittedAt: world.now,
  };
}
