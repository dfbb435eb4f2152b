import { setTimeout as pause } from "node:timers/promises";
import type { Core } from "../core/core.ts";
import type { ScratchUse } from "../platforms/engine.ts";

/** The pause between two looks is at least this, and this many times as long as the look took. */
const rest = { leastMs: 5000, timesTheLook: 4 };
/** So many looks in a row that told nothing whole are no chance any more. */
const mostInARow = 3;

const unmeasurable =
  "it moved folders in its home, /tmp or /var/tmp so often that what it holds there could not be measured; let folders rest where they are";

/**
 * Looks every few seconds at what running jobs hold on disk, and asks for the end of each that is above the site's
 * limits, or that keeps itself from being measured. What a job writes between two looks is written: docs/security.md says
 * so. Returns how to stop it.
 */
export function watchScratch(core: Core, leastMs = rest.leastMs): () => void {
  const stopped = new AbortController();
  void lookAgain(core, leastMs, stopped.signal);
  return () => stopped.abort();
}

async function lookAgain(core: Core, leastMs: number, signal: AbortSignal): Promise<void> {
  const inARow = new Map<string, number>();
  for (let pauseMs = leastMs; !signal.aborted; ) {
    await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    const startedAt = performance.now();
    try {
      await endOverfull(core, inARow, signal);
    } catch (error) {
      if (!signal.aborted) core.faults.note("scratch", error);
    }
    pauseMs = Math.max(leastMs, rest.timesTheLook * (performance.now() - startedAt));
  }
}

async function endOverfull(core: Core, inARow: Map<string, number>, signal: AbortSignal): Promise<void> {
  const running = core.records
    .active()
    .filter((job) => job.state === "running" && job.stopping === undefined);
  const ids = running.map((job) => job.spec.id);
  for (const id of inARow.keys()) if (!ids.includes(id)) inARow.delete(id);
  if (signal.aborted || core.scratchUse === undefined) return;
  const uses = ids.length === 0 ? new Map<string, ScratchUse>() : await core.scratchUse(ids);
  for (const [id, use] of uses) {
    if (signal.aborted) return;
    inARow.set(id, use.measured === "whole" ? 0 : (inARow.get(id) ?? 0) + 1);
    const hides = use.measured === "broken" && (inARow.get(id) ?? 0) >= mostInARow;
    if (isOverfull(core, use)) await end(core, id);
    else if (hides) await endHiding(core, id);
  }
  tellLate(core, inARow);
}

async function endHiding(core: Core, id: string): Promise<void> {
  core.faults.note("scratch", `job ${id} is ended: ${unmeasurable}`);
  core.records.noteStartError(id, unmeasurable);
  await end(core, id);
}

async function end(core: Core, id: string): Promise<void> {
  await core.records.askStop([id], "scratch");
  core.wake();
}

function tellLate({ problems }: Core, inARow: ReadonlyMap<string, number>): void {
  const late = [...inARow].filter(([, times]) => times >= mostInARow).map(([id]) => id);
  const message = `what ${late.length} running jobs hold on disk could not be measured ${mostInARow} times in a row (${late[0]}): the engine's disk is slow, or they move their folders; what was counted is used`;
  problems.set("scratch", late.length === 0 ? [] : [{ message }]);
}

function isOverfull({ site }: Core, { bytes, files }: ScratchUse): boolean {
  return bytes > site.limits.scratch || files > site.limits.scratchFiles;
}
