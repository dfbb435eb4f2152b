import { UserError } from "@workstation/cli";
import type { Admission, Engine, EngineEvent, EngineJob } from "../platforms/engine.ts";
import {
  arriveLate,
  clearAway,
  type FaultyEngine,
  hold,
  list,
  requestEnd,
  requestStart,
  type StartFault,
} from "../queue/testing/faulty-engine.ts";

/** A request to the engine that is on its way; what becomes of it is decided when it is served. */
export interface PendingCall {
  serve(fault: StartFault): void;
}

/** What is on its way between a scheduler and a faulty engine. */
export interface Wire {
  readonly engine: FaultyEngine;
  /** How long each job will run, in milliseconds, by its name. */
  readonly runs: ReadonlyMap<string, number>;
  /** Of the scheduler that lives now. */
  readonly calls: PendingCall[];
  /** Requests whose sender has given them up and that arrive all the same. */
  readonly late: (() => void)[];
}

/** The engine as the scheduler's real code sees it: every answer waits until somebody serves the call. */
export function pendingEngine(wire: Wire): Engine {
  return {
    keepsRecords: false,
    watch: () => {
      throw new Error("a history hands the events over itself");
    },
    log: () => {
      throw new Error("a history reads no logs");
    },
    create: ({ spec }) =>
      ask(wire, () => {
        if (!wire.engine.containers.has(spec.id)) hold(wire.engine, spec, wire.runs.get(spec.name) ?? 0);
        return spec;
      }),
    admit: (requests) =>
      ask(wire, (fault) => {
        const started = requests.map(({ spec }) => [spec.id, start(wire, spec.id, fault)] as const);
        return new Map<string, Admission>(started);
      }),
    end: async (id, { keep }) => {
      await ask(wire, () => requestEnd(wire.engine, id, 500));
      while (wire.engine.containers.get(id)?.phase === "running") await ask(wire, () => undefined);
      if (keep !== true) clearAway(wire.engine, id);
    },
  };
}

function start({ engine }: Wire, id: string, fault: StartFault): Admission {
  const { outcome } = requestStart(engine, id, fault === "refused" ? "refused" : "none");
  return outcome === "failed" || outcome === "unknown" ? { outcome, message: "no such device" } : { outcome };
}

function ask<T>(wire: Wire, act: (fault: StartFault) => T): Promise<T> {
  return new Promise((resolve, reject) => {
    const lose = (): void => reject(new UserError("ENGINE_UNAVAILABLE", "the connection was lost"));
    wire.calls.push({
      serve: (fault) => {
        if (fault === "late") wire.late.push(() => void act("none"));
        if (fault === "none" || fault === "refused") resolve(act(fault));
        if (fault === "answer lost") act("none");
        if (fault !== "none" && fault !== "refused") lose();
      },
    });
  });
}

/** Requests that were given up arrive now, or never. */
export function deliverLate(wire: Pick<Wire, "engine" | "late">, lost: boolean): void {
  for (const act of wire.late.splice(0)) if (!lost) act();
  arriveLate(wire.engine, lost);
}

/** The engine's full list. */
export function listJobs(engine: FaultyEngine): readonly EngineJob[] {
  return list(engine).map(({ spec, job }) => ({ spec, ...job }));
}

/** A message of the engine as its watch would tell it. */
export function eventOf(
  engine: FaultyEngine,
  message: FaultyEngine["messages"][number],
): EngineEvent | undefined {
  const spec = engine.containers.get(message.id)?.spec;
  if (message.event.kind === "removed") return { kind: "removed", id: message.id };
  if (message.event.kind !== "observed" || spec === undefined) return undefined;
  return { kind: "changed", job: { spec, ...message.event.job } };
}
