import { isActive } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import type { EngineEvent, EngineJob } from "../platforms/engine.ts";
import { queuedRecord } from "../queue/index.ts";
import { change, noteStartError } from "../records/change.ts";
import { removeForgotten } from "../records/forget.ts";

/** Takes up what the engine tells. */
export function observe(core: Core, event: EngineEvent): void {
  switch (event.kind) {
    case "snapshot":
      observeSnapshot(core, event.jobs);
      break;
    case "changed":
      if (!waitsForAcceptance(core, event.job.spec.id, event)) observeJob(core, event.job);
      break;
    case "removed":
      if (!waitsForAcceptance(core, event.id, event)) observeRemoval(core, event.id);
      break;
  }
}

// A list that was asked for just before a job was made does not have it: such a job is no lost one.
const youngMs = 30_000;

function observeSnapshot(core: Core, jobs: readonly EngineJob[]): void {
  const seen = new Set<string>();
  for (const job of jobs) {
    seen.add(job.spec.id);
    if (!core.inHand.creating.has(job.spec.id)) observeJob(core, job);
  }
  for (const { spec } of core.store.active()) {
    if (seen.has(spec.id) || core.now() - spec.submittedAt < youngMs) continue;
    observeRemoval(core, spec.id);
  }
}

function observeJob(core: Core, job: EngineJob): void {
  const { id } = job.spec;
  if (core.inHand.forgotten.has(id)) {
    void removeForgotten(core, id);
    return;
  }
  if (core.store.get(id) === undefined) {
    core.inHand.lastSequence = Math.max(core.inHand.lastSequence, job.spec.sequence);
    core.store.put(queuedRecord(job.spec));
  }
  if (job.startError !== undefined) noteStartError(core, id, job.startError);
  change(core, id, { kind: "observed", job, at: core.now() });
  holdSlotOfUndead(core, job);
}

// A job that we hold for ended but that runs takes a slot in truth: the next cycle ends it.
function holdSlotOfUndead(core: Core, job: EngineJob): void {
  const record = core.store.get(job.spec.id);
  if (record === undefined || isActive(record.state) || record.holdsSlot || job.phase !== "running") return;
  core.store.put({ ...record, holdsSlot: true });
}

function observeRemoval(core: Core, id: string): void {
  change(core, id, { kind: "removed", at: core.now() });
}

function waitsForAcceptance(core: Core, id: string, event: EngineEvent): boolean {
  const waiting = core.inHand.creating.get(id);
  waiting?.push(event);
  return waiting !== undefined;
}
