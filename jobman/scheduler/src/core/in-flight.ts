import type { EngineEvent } from "../platforms/engine.ts";

/** What the engine says of one job, which can wait; a list of all cannot. */
type ParkedEvent = Extract<EngineEvent, { kind: "changed" | "removed" }>;

/** What is asked of the engine for a job and not answered yet. */
export type Flight =
  /** Its object is being made, or its owner is being told so: what the engine says of it meanwhile is parked. */
  | { readonly kind: "creating"; readonly parked: ParkedEvent[] }
  | { readonly kind: "admitting" }
  | { readonly kind: "ending" }
  /** Its object is being taken away. */
  | { readonly kind: "removing" };

/** What is in flight between the scheduler and its engine: for each job at most one thing. Nothing of it outlives the process. */
export interface InFlight {
  /** Notes what is about to be asked for; answers false, and notes nothing, when something of the job is in flight. */
  begin(id: string, kind: Flight["kind"]): boolean;
  has(id: string): boolean;
  count(kind: Flight["kind"]): number;
  /** Keeps an event of a job that is being made, and answers true; false for any other job. */
  park(id: string, event: ParkedEvent): boolean;
  /** Ids of jobs that are being made. */
  creating(): readonly string[];
  /** The answer is there; returns what was parked. */
  finish(id: string): readonly ParkedEvent[];
  /** When a job was last started or being started (milliseconds since the epoch); undefined before the first. */
  lastAdmission(): number | undefined;
}

export function createInFlight(now: () => number): InFlight {
  let answeredAt: number | undefined;
  const flights = new Map<string, Flight>();
  // Each cycle counts them, and hundreds may be in flight.
  const ids = { creating: new Set<string>(), admitting: new Set(), ending: new Set(), removing: new Set() };
  return {
    begin: (id, kind) => {
      if (flights.has(id)) return false;
      flights.set(id, kind === "creating" ? { kind, parked: [] } : { kind });
      ids[kind].add(id);
      return true;
    },
    has: (id) => flights.has(id),
    count: (kind) => ids[kind].size,
    park: (id, event) => {
      const flight = flights.get(id);
      if (flight?.kind !== "creating") return false;
      flight.parked.push(event);
      return true;
    },
    creating: () => [...ids.creating],
    lastAdmission: () => (ids.admitting.size > 0 ? now() : answeredAt),
    finish: (id) => {
      const flight = flights.get(id);
      flights.delete(id);
      if (flight !== undefined) ids[flight.kind].delete(id);
      if (flight?.kind === "admitting") answeredAt = now();
      return flight?.kind === "creating" ? flight.parked : [];
    },
  };
}
