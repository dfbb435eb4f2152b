import type { Core } from "../core/core.ts";
import type { ScratchUse } from "../platforms/engine.ts";

const lookEveryMs = 5000;

/**
 * Looks every few seconds at what running jobs hold on disk, and asks for the end of each that is above the site's
 * limits. What a job writes between two looks is written: docs/security.md says so. Returns how to stop it.
 */
export function watchScratch(core: Core, everyMs = lookEveryMs): () => void {
  const stopped = new AbortController();
  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await endOverfull(core, stopped.signal);
    } catch (error) {
      if (!stopped.signal.aborted) core.faults.note("scratch", error);
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return () => {
    stopped.abort();
    clearInterval(timer);
  };
}

async function endOverfull(core: Core, signal: AbortSignal): Promise<void> {
  const running = core.records
    .active()
    .filter((job) => job.state === "running" && job.stopping === undefined);
  const ids = running.map((job) => job.spec.id);
  if (ids.length === 0 || core.scratchUse === undefined) return;
  for (const [id, use] of await core.scratchUse(ids)) {
    if (signal.aborted) return;
    if (!isOverfull(core, use)) continue;
    await core.records.askStop([id], "scratch");
    core.wake();
  }
}

function isOverfull({ site }: Core, { bytes, files }: ScratchUse): boolean {
  return bytes > site.limits.scratch || files > site.limits.scratchFiles;
}
