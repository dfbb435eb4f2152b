import { shorten } from "@workstation/cli";
import { isActive } from "@workstation/jobman/protocol";
import { askStop, type Core, snapshotOf } from "../core/core.ts";
import { requestFor } from "../core/request-for.ts";
import type { Admission, AdmissionRequest, EngineEvent, EngineJob } from "../platforms/engine.ts";
import { type Decision, nextDeadline, plan } from "../queue/index.ts";
import type { Leftover } from "../records/leftovers.ts";
import { outOfRetention } from "../records/retention.ts";

// What the scheduler does with its jobs, in the order in which it does it; `run-loop.ts` says when.

/** 0. Recover: once, from the journal and the engine's first picture. */
export async function recover(core: Core, jobs: readonly EngineJob[]): Promise<void> {
  await core.records.recover(jobs);
  void core.background.run("logs", () => core.sweepLogs((id) => core.records.get(id) !== undefined));
}

/** 1. Observe: what the engine tells becomes what the records say. */
export function observe(core: Core, event: EngineEvent): void {
  if (event.kind === "snapshot") observeAll(core, event);
  else if (event.kind === "changed") {
    if (!core.inFlight.park(event.job.spec.id, event)) observeJob(core, event.job);
  } else if (!core.inFlight.park(event.id, event)) observeRemoval(core, event.id);
}

function observeAll(core: Core, { jobs, asOf }: Extract<EngineEvent, { kind: "snapshot" }>): void {
  const seen = new Set(jobs.map((job) => job.spec.id));
  for (const job of jobs) {
    observe(core, { kind: "changed", job });
    if (job.phase === "held") doubtStart(core, job.spec.id);
  }
  for (const { spec } of core.records.active()) {
    if (!seen.has(spec.id) && !mayPredate(core, spec.id, asOf))
      observe(core, { kind: "removed", id: spec.id });
  }
}

/** A list that was asked for before a job was made, and came late, does not have it: such a job is no lost one. */
function mayPredate(core: Core, id: string, asOf: number): boolean {
  const acceptedAt = core.records.acceptedAt(id);
  return acceptedAt !== undefined && asOf <= acceptedAt;
}

/** The engine may have lost a start that it had promised, as in its own crash: then it is asked for again. */
function doubtStart(core: Core, id: string): void {
  if (core.inFlight.has(id)) return;
  core.records.change(id, { kind: "answered", outcome: "unknown", at: core.now() });
}

function observeJob(core: Core, job: EngineJob): void {
  const { records } = core;
  const { id } = job.spec;
  if (records.isForgotten(id)) {
    records.giveUp([id]);
    return;
  }
  if (records.get(id) === undefined) records.adopt(job.spec);
  if (job.startError !== undefined) records.noteStartError(id, job.startError);
  records.change(id, { kind: "observed", job, at: core.now() });
  const after = records.get(id);
  // A job that we hold for ended but that runs takes a slot in truth: the next cycle ends it.
  const isUndead = after !== undefined && !isActive(after.state) && job.phase === "running";
  if (isUndead && !after.holdsSlot) records.holdSlot(id);
}

function observeRemoval(core: Core, id: string): void {
  const { records } = core;
  const before = records.get(id);
  records.change(id, { kind: "removed", at: core.now() });
  if (!core.engine.keepsRecords || before === undefined) return;
  records.noteGone(id);
  // Somebody deleted it elsewhere. What was active shows its end for a while.
  if (!isActive(before.state)) records.dropGone();
}

/** Takes up what was parked for jobs that were accepted, or even forgotten, since. */
function observeParked(core: Core): void {
  const { records } = core;
  const made = core.inFlight
    .creating()
    .filter((id) => records.get(id) !== undefined || records.isForgotten(id));
  for (const event of made.flatMap((id) => core.inFlight.finish(id))) observe(core, event);
}

/**
 * 2. Plan: decides on one picture, and sets to work what was decided: ends, admissions, removals. Returns when the
 * next look is due by itself (milliseconds since the epoch).
 */
export function runCycle(core: Core): number | undefined {
  observeParked(core);
  const decisions = core.leads() ? plan(snapshotOf(core), core.now()) : [];
  const admissions: string[] = [];
  for (const decision of decisions) {
    // An end waits for the answer to a start that is under way: the two never meet in the engine.
    if (core.inFlight.has(decision.id)) continue;
    if (decision.kind === "end") void end(core, decision);
    else admissions.push(decision.id);
  }
  if (admissions.length > 0) void admit(core, admissions);
  const nextRemoval = removeLeftovers(core);
  return earlier(nextDeadline(snapshotOf(core)), nextRemoval);
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

// 3. End: the wish is in the record, then the engine is asked.

async function end(core: Core, { id, cause }: Extract<Decision, { kind: "end" }>): Promise<void> {
  core.inFlight.begin(id, "ending");
  try {
    await askStop(core, [id], cause);
    await core.engine.end(id, { graceSeconds: core.site.limits.stopGrace, keep: true });
  } catch (error) {
    core.faults.note("engine", error);
  } finally {
    core.inFlight.finish(id);
    // Seen as ended by then, or asked for once more.
    wakeLater(core);
  }
}

const retryMs = 1000;

function wakeLater(core: Core): void {
  setTimeout(() => core.wake(), retryMs).unref();
}

// 4. Admit: the records hold the slots, then the engine is asked for all at once, then its answers are taken.

async function admit(core: Core, ids: readonly string[]): Promise<void> {
  const requests = ids.map((id) => requestOf(core, id)).filter((request) => request !== undefined);
  for (const { spec } of requests) {
    core.inFlight.begin(spec.id, "admitting");
    core.records.change(spec.id, { kind: "admitting" });
  }
  const answers = await askToAdmit(core, requests);
  for (const { spec } of requests) {
    core.inFlight.finish(spec.id);
    take(core, spec.id, answers.get(spec.id) ?? { outcome: "unknown", message: "the engine gave no answer" });
  }
  // What was put off would be put off again at once.
  if ([...answers.values()].some(({ outcome }) => outcome !== "postponed")) core.wake();
}

function requestOf(core: Core, id: string): AdmissionRequest | undefined {
  const record = core.records.get(id);
  return record === undefined ? undefined : requestFor(core, record.spec);
}

async function askToAdmit(
  core: Core,
  requests: readonly AdmissionRequest[],
): Promise<ReadonlyMap<string, Admission>> {
  try {
    return await core.engine.admit(requests);
  } catch (error) {
    core.faults.note("engine", error);
    return new Map();
  }
}

function take(core: Core, id: string, answer: Admission): void {
  if (answer.outcome === "failed") core.records.noteStartError(id, answer.message);
  if (answer.outcome === "unknown") core.faults.note("engine", answer.message);
  if (["unknown", "conflict", "postponed"].includes(answer.outcome)) wakeLater(core);
  core.records.change(id, { kind: "answered", outcome: answer.outcome, at: core.now() });
}

// 5. Remove: what is over and written needs no object of the engine any more.

/** A removal keeps the engine's disk busy: more at once take as long, and everything else waits for them. */
const removalsAtOnce = 4;
/** While jobs start one after the other, ends of the next follow soon, too. */
const quietMs = 2_000;

/** Returns when the next removal is due. */
function removeLeftovers(core: Core): number | undefined {
  const { inFlight, records } = core;
  const quietAt = (inFlight.lastAdmission() ?? Number.NEGATIVE_INFINITY) + quietMs;
  const isBusy = core.now() < quietAt;
  const { due, next } = records.leftovers({ urgentOnly: isBusy });
  let free = removalsAtOnce - inFlight.count("removing");
  for (const leftover of due) {
    if (free <= 0) break;
    // What is being started or ended is another's.
    if (!inFlight.begin(leftover.id, "removing")) continue;
    free -= 1;
    void remove(core, leftover);
  }
  return isBusy && next !== undefined ? Math.min(next, quietAt) : next;
}

async function remove(core: Core, leftover: Leftover): Promise<void> {
  const { id, keep } = leftover;
  let failure: unknown;
  try {
    await core.engine.end(id, { graceSeconds: 0, keep });
  } catch (error) {
    failure = error;
    core.faults.note("engine", error);
  }
  core.inFlight.finish(id);
  core.records.noteRemoval(leftover, failure === undefined);
  tellStuck(core, failure);
  core.wake();
}

function tellStuck({ records, problems }: Core, failure: unknown): void {
  const { failing } = records.leftovers();
  if (failing > 0 && failure === undefined) return;
  const words = shorten(failure instanceof Error ? failure.message : String(failure));
  const message = `${failing} ended jobs cannot be removed from the engine; tried again: ${words}`;
  problems.set("removals", failing === 0 ? [] : [{ message }]);
}

/** 6. Sweep: now and then, what could not be written before, and what the site does not keep any longer. */
export async function sweep(core: Core): Promise<void> {
  const { records, site } = core;
  await records.saveEnds();
  records.dropGone();
  if (!core.leads()) return;
  const rule = { seconds: site.retention.endedJobs, perUser: site.retention.perUser };
  const outdated = outOfRetention(records.ended(), rule, core.now());
  await records.forget(outdated);
  records.giveUp(outdated.map(({ spec }) => spec.id));
}
