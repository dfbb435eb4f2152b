import { isActive } from "@workstation/jobman/protocol";
import type { FlavorCapacity, JobRecord, JobSpec, QueueSnapshot, StopAuthor } from "../model.ts";
import { type Decision, plan } from "../plan.ts";
import { isAuthor, type JobEvent, queuedRecord, recoveredRecord, reduce } from "../reduce.ts";
import { checkSubmit } from "../submit.ts";
import {
  arriveLate,
  type FaultyEngine,
  hold,
  list,
  requestEnd,
  requestStart,
  type StartFault,
} from "./faulty-engine.ts";

/** A scheduler's memory around the queue's functions, the way the real loop uses them; `crash` forgets it. */
export interface CrashingScheduler {
  readonly engine: FaultyEngine;
  readonly cap: number;
  readonly slots: Map<string, number>;
  readonly records: Map<string, JobRecord>;
  /** Survives crashes: stops that were asked for. */
  readonly journal: Map<string, StopAuthor>;
  /** Survives crashes: jobs whose container is known to have been started. */
  readonly seenStarted: Set<string>;
  /** What a cycle saw and decided, for the invariants to look at. */
  readonly observe: (snapshot: QueueSnapshot, decisions: readonly Decision[]) => void;
}

/** The jobs in no order that means anything. */
function snapshotOf(scheduler: CrashingScheduler): QueueSnapshot {
  const scrambled = (job: JobRecord): number => (job.spec.sequence * 7919) % 101;
  return {
    jobs: [...scheduler.records.values()].sort((a, b) => scrambled(a) - scrambled(b)),
    flavors: [...scheduler.slots].map(([name, slots]): FlavorCapacity => ({ name, slots })),
    maxActiveJobsPerUser: scheduler.cap,
  };
}

/** `checked: false`: past the API, as jobs of a lowered cap or of a lost journal are. */
export function submit(
  scheduler: CrashingScheduler,
  spec: JobSpec,
  options: { readonly runMilliseconds: number; readonly checked: boolean },
): boolean {
  if (options.checked && !checkSubmit(snapshotOf(scheduler), spec).ok) return false;
  hold(scheduler.engine, spec, options.runMilliseconds);
  scheduler.records.set(spec.id, queuedRecord(spec));
  return true;
}

/** A person's wish; the first person's stands, and of a job that is known to have ended nobody wishes anything. */
export function askToStop(scheduler: CrashingScheduler, id: string, author: StopAuthor): void {
  const before = scheduler.records.get(id);
  if (before === undefined || !isActive(before.state) || isAuthor(before.stopping)) return;
  scheduler.journal.set(id, author);
  apply(scheduler, id, { kind: "stopAsked", cause: author });
}

/** One cycle; `fault` and `grace` say how the engine takes the n-th request. */
export function runCycle(
  scheduler: CrashingScheduler,
  engineMood: { readonly fault: (request: number) => StartFault; readonly grace: number },
): void {
  const snapshot = snapshotOf(scheduler);
  const decisions = plan(snapshot, scheduler.engine.now);
  scheduler.observe(snapshot, decisions);
  decisions.forEach((decision, index) => {
    if (decision.kind === "admit") start(scheduler, decision.id, engineMood.fault(index));
    else {
      apply(scheduler, decision.id, { kind: "stopAsked", cause: decision.cause });
      requestEnd(scheduler.engine, decision.id, engineMood.grace);
    }
  });
}

function start(scheduler: CrashingScheduler, id: string, fault: StartFault): void {
  apply(scheduler, id, { kind: "admitting" });
  apply(scheduler, id, requestStart(scheduler.engine, id, fault));
}

/** One message that is on its way arrives; `keep`: it will come again. */
export function deliver(scheduler: CrashingScheduler, index: number, keep: boolean): void {
  const { messages } = scheduler.engine;
  const message = messages[index % Math.max(1, messages.length)];
  if (message === undefined) return;
  if (!keep) messages.splice(index % messages.length, 1);
  apply(scheduler, message.id, message.event);
}

/** A full list: what is there is observed, what is missing was removed. */
export function relist(scheduler: CrashingScheduler): void {
  const at = scheduler.engine.now;
  const present = list(scheduler.engine);
  for (const { spec, job } of present) {
    if (!scheduler.records.has(spec.id)) scheduler.records.set(spec.id, queuedRecord(spec));
    apply(scheduler, spec.id, { kind: "observed", job, at });
  }
  const ids = new Set(present.map(({ spec }) => spec.id));
  for (const id of scheduler.records.keys()) if (!ids.has(id)) apply(scheduler, id, { kind: "removed", at });
}

/** `kill -9` and a new start: requests on their way arrive first or never, then everything is read back. */
export function crash(scheduler: CrashingScheduler, requestsLost: boolean): void {
  const { engine, journal } = scheduler;
  arriveLate(engine, requestsLost);
  scheduler.records.clear();
  for (const { spec, job } of list(engine)) {
    const stopping = journal.get(spec.id);
    const options = { at: engine.now, ...(stopping === undefined ? {} : { stopping }) };
    const record = recoveredRecord(spec, job, options);
    scheduler.records.set(spec.id, record);
    if (record.startedAt !== undefined) scheduler.seenStarted.add(spec.id);
  }
}

function apply(scheduler: CrashingScheduler, id: string, event: JobEvent): JobRecord | undefined {
  const before = scheduler.records.get(id);
  if (before === undefined) return undefined;
  const after = reduce(before, event);
  scheduler.records.set(id, after);
  if (after.startedAt !== undefined) scheduler.seenStarted.add(id);
  return after;
}
