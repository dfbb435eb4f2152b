import { type Core, snapshotOf } from "../core/core.ts";
import { requestFor } from "../core/request-for.ts";
import type { Admission, AdmissionRequest } from "../platforms/engine.ts";
import { type Decision, nextDeadline, plan } from "../queue/index.ts";
import { change, noteStartError } from "../records/change.ts";
import { removeForgotten } from "../records/forget.ts";

/** One look at the queue: decides, and sets to work what was decided. Returns when the next look is due by itself. */
export function runCycle(core: Core): number | undefined {
  const decisions = plan(snapshotOf(core), core.now());
  const admissions: string[] = [];
  for (const decision of decisions) {
    // An end waits for the answer to a start that is under way: the two never meet in the engine.
    if (core.inHand.admitting.has(decision.id)) continue;
    if (decision.kind === "end") startEnd(core, decision);
    else admissions.push(decision.id);
  }
  if (admissions.length > 0) void admit(core, admissions);
  return nextDeadline(snapshotOf(core));
}

const retryMs = 1000;

function startEnd(core: Core, decision: Extract<Decision, { kind: "end" }>): void {
  const { id } = decision;
  if (core.inHand.ending.has(id)) return;
  core.inHand.ending.add(id);
  void endForCause(core, decision)
    .catch((error: unknown) => core.faults.note("engine", error))
    .finally(() => {
      core.inHand.ending.delete(id);
      // Forgotten while its end was under way: what the end keeps is nobody's.
      if (core.inHand.forgotten.has(id)) void removeForgotten(core, id);
      // Seen as ended by then, or asked for once more.
      wakeLater(core);
    });
}

async function endForCause(core: Core, { id, cause }: Extract<Decision, { kind: "end" }>): Promise<void> {
  const isNew = core.store.get(id)?.stopping === undefined;
  // After a crash nothing else would tell it; a deadline is told by the job's own times, a person's wish is written.
  if (cause === "flavorRemoved" && isNew) {
    await core.journal.append([{ kind: "stop", id, by: cause, at: core.now() }]);
  }
  change(core, id, { kind: "stopAsked", cause });
  await core.engine.end(id, { graceSeconds: core.site.limits.stopGrace, keep: true });
}

async function admit(core: Core, ids: readonly string[]): Promise<void> {
  const requests = ids.map((id) => requestOf(core, id)).filter((request) => request !== undefined);
  for (const { spec } of requests) {
    core.inHand.admitting.add(spec.id);
    change(core, spec.id, { kind: "admitting" });
  }
  const answers = await admitSafely(core, requests);
  for (const { spec } of requests) {
    core.inHand.admitting.delete(spec.id);
    take(core, spec.id, answers.get(spec.id) ?? { outcome: "unknown", message: "the engine gave no answer" });
  }
  core.wake();
}

function requestOf(core: Core, id: string): AdmissionRequest | undefined {
  const record = core.store.get(id);
  return record === undefined ? undefined : requestFor(core, record.spec);
}

async function admitSafely(
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
  if (answer.outcome === "failed") noteStartError(core, id, answer.message);
  if (answer.outcome === "unknown") core.faults.note("engine", answer.message);
  if (answer.outcome === "unknown" || answer.outcome === "conflict") wakeLater(core);
  change(core, id, { kind: "answered", outcome: answer.outcome, at: core.now() });
}

function wakeLater(core: Core): void {
  setTimeout(() => core.wake(), retryMs).unref();
}
