import type { ContainerState } from "@workstation/docker";
import type { EngineJob } from "../../engine.ts";
import { specOf } from "../containers/job-objects.ts";

/** When the engine was away, in milliseconds since the epoch. */
export interface Outage {
  /** Its connection broke, or undefined when nobody looked. */
  readonly from?: number | undefined;
  /** The engine that runs now was started; undefined when that cannot be known. */
  readonly until?: number | undefined;
}

/** A container as a job; undefined for one that is no job or was removed before it ever started. */
export function observeJob(state: ContainerState, outage: Outage): EngineJob | undefined {
  const spec = specOf(state.labels);
  if (spec === undefined) return undefined;
  if (state.startedAt === undefined) return state.status === "removing" ? undefined : { spec, phase: "held" };
  const started = { spec, startedAt: state.startedAt };
  if (state.status === "running" || state.status === "paused" || state.status === "restarting") {
    return { ...started, phase: "running" };
  }
  return {
    ...started,
    phase: "ended",
    // A container that ends at once can be noted as ended before it is noted as started.
    endedAt: Math.max(state.finishedAt ?? 0, state.startedAt),
    exitCode: state.exitCode,
    outOfMemory: state.outOfMemory,
    nodeLost: diedWithEngine(state, outage),
    removed: wasKilledToGo(state),
    ...(state.error === "" ? {} : { startError: state.error }),
  };
}

/** An engine that removes what runs says first that it does, then kills; what ended by itself keeps its own end. */
function wasKilledToGo({ status, exitCode, outOfMemory }: ContainerState): boolean {
  return (status === "removing" || status === "dead") && exitCode === 137 && !outOfMemory;
}

/** True when an end may be the work of an engine that goes down: it stops containers, but says so nowhere. */
export function lookedStopped(state: ContainerState): boolean {
  return !state.outOfMemory && stopCodes.has(state.exitCode);
}

/** 143 and 137: TERM and KILL; 255: what dockerd writes for a container that it does not find after a reboot. */
const stopCodes = new Set([137, 143, 255]);

/** How long an engine that goes down takes to stop its containers and to come back, at most. */
const stopSpan = 60_000;
const restoreSpan = 300_000;

function diedWithEngine(state: ContainerState, outage: Outage): boolean {
  const { startedAt = 0, finishedAt = 0 } = state;
  if (!lookedStopped(state)) return false;
  const down = outage.from ?? outage.until;
  const up = outage.until ?? outage.from;
  if (down === undefined || up === undefined || startedAt >= up) return false;
  return finishedAt >= Math.min(down, up) - stopSpan && finishedAt <= up + restoreSpan;
}
