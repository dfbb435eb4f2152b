import type { JobSpec, Observation } from "../model.ts";
import type { JobEvent } from "../reduce.ts";

/** What the engine does with one request to start. */
export type StartFault =
  | "none"
  /** Starts, but the answer is lost. */
  | "answer lost"
  /** Never arrives. */
  | "request lost"
  /** Arrives later, when `arriveLate` is called. */
  | "late"
  /** The engine cannot start it. */
  | "refused";

/** A container as it really is, which no scheduler sees directly. */
interface Container {
  readonly spec: JobSpec;
  readonly runMilliseconds: number;
  phase: "held" | "running" | "ended" | "removed";
  starts: number;
  startedAt?: number;
  endsAt?: number;
  endedAt?: number;
  exitCode?: number;
  nodeLost?: boolean;
  startError?: string;
  /** Somebody else took it away. */
  pruned?: boolean;
}

interface Message {
  readonly id: string;
  readonly event: JobEvent;
}

/** A model of an engine with faults, in virtual time: what really runs, and the messages about it on their way. */
export interface FaultyEngine {
  readonly containers: Map<string, Container>;
  readonly messages: Message[];
  readonly late: string[];
  now: number;
}

export function createEngine(): FaultyEngine {
  return { containers: new Map(), messages: [], late: [], now: 1_000_000 };
}

export function hold(engine: FaultyEngine, spec: JobSpec, runMilliseconds: number): void {
  engine.containers.set(spec.id, { spec, runMilliseconds, phase: "held", starts: 0 });
  tell(engine, spec.id);
}

/** The answer to a request to start, or undefined when none comes. */
export function requestStart(
  engine: FaultyEngine,
  id: string,
  fault: StartFault,
): Extract<JobEvent, { kind: "answered" }> {
  const outcome = fault === "request lost" || fault === "late" ? "unknown" : startNow(engine, id, fault);
  if (fault === "late") engine.late.push(id);
  return { kind: "answered", outcome: fault === "answer lost" ? "unknown" : outcome, at: engine.now };
}

/** Requests that were on their way arrive now, as far as `lost` does not swallow them. */
export function arriveLate(engine: FaultyEngine, lost = false): void {
  for (const id of engine.late.splice(0)) if (!lost) startNow(engine, id, "none");
}

function startNow(
  engine: FaultyEngine,
  id: string,
  fault: StartFault,
): "admitted" | "gone" | "conflict" | "failed" {
  const container = engine.containers.get(id);
  if (container === undefined || container.phase === "removed") return "gone";
  if (container.phase !== "held") return "conflict";
  // Its fault stays: the device that was missing is missing for a request that comes late, too.
  if (container.startError !== undefined) return "failed";
  if (fault === "refused") {
    container.startError = "no such device";
    tell(engine, id);
    return "failed";
  }
  container.phase = "running";
  container.starts += 1;
  container.startedAt = engine.now;
  container.endsAt = engine.now + container.runMilliseconds;
  tell(engine, id);
  return "admitted";
}

/** TERM: a running container takes `grace` milliseconds, a held one is removed at once. */
export function requestEnd(engine: FaultyEngine, id: string, grace: number): void {
  const container = engine.containers.get(id);
  if (container?.phase === "held") remove(engine, container);
  if (container?.phase !== "running") return;
  container.exitCode = 143;
  container.endsAt = Math.min(container.endsAt ?? engine.now, engine.now + grace);
}

/** Takes away a container that does not run, as the engine is asked to. */
export function clearAway(engine: FaultyEngine, id: string): void {
  const container = engine.containers.get(id);
  if (container?.phase === "held" || container?.phase === "ended") remove(engine, container);
}

export function pass(engine: FaultyEngine, milliseconds: number): void {
  engine.now += milliseconds;
  for (const container of engine.containers.values()) {
    const due = container.phase === "running" && (container.endsAt ?? 0) <= engine.now;
    if (due) endContainer(engine, container, { at: container.endsAt ?? engine.now });
  }
}

/** The machine or the engine restarts: running containers end, held ones stay. */
export function loseNode(engine: FaultyEngine): void {
  for (const container of engine.containers.values()) {
    if (container.phase === "running") endContainer(engine, container, { at: engine.now, nodeLost: true });
  }
}

/** Somebody removes all containers that do not run, as `docker container prune` does. */
export function prune(engine: FaultyEngine): void {
  for (const container of engine.containers.values()) {
    if (container.phase !== "held" && container.phase !== "ended") continue;
    container.pruned = true;
    remove(engine, container);
  }
}

/** What is there now, as a full list shows it. */
export function list(engine: FaultyEngine): readonly { readonly spec: JobSpec; readonly job: Observation }[] {
  const present = [...engine.containers.values()].filter((container) => container.phase !== "removed");
  return present.map((container) => ({ spec: container.spec, job: observationOf(container) }));
}

function endContainer(
  engine: FaultyEngine,
  container: Container,
  end: { readonly at: number; readonly nodeLost?: boolean },
): void {
  container.phase = "ended";
  container.endedAt = end.at;
  container.exitCode ??= end.nodeLost ? 137 : 0;
  if (end.nodeLost) container.nodeLost = true;
  tell(engine, container.spec.id);
}

function remove(engine: FaultyEngine, container: Container): void {
  container.phase = "removed";
  tell(engine, container.spec.id);
}

function tell(engine: FaultyEngine, id: string): void {
  const container = engine.containers.get(id);
  if (container === undefined) return;
  const at = engine.now;
  const event: JobEvent =
    container.phase === "removed"
      ? { kind: "removed", at }
      : { kind: "observed", job: observationOf(container), at };
  engine.messages.push({ id, event });
}

function observationOf({ phase, ...container }: Container): Observation {
  const { startedAt = 0, endedAt = 0, exitCode = 0, nodeLost = false, startError } = container;
  switch (phase) {
    case "held":
      return startError === undefined ? { phase } : { phase, startError };
    case "running":
      return { phase, startedAt };
    case "ended":
      return { phase, startedAt, endedAt, exitCode, nodeLost };
    case "removed":
      throw new Error("a removed container cannot be observed");
  }
}
