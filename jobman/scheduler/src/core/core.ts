import type { Site } from "@workstation/site";
import type { FaultLog } from "../diagnostics/fault-log.ts";
import type { ProblemBoard } from "../diagnostics/problems.ts";
import type { Reserve } from "../files/reserve.ts";
import type { MachineFlavor } from "../platforms/docker/machine/flavors.ts";
import type { Engine, EngineEvent } from "../platforms/engine.ts";
import type { QueueSnapshot, RunHistory } from "../queue/index.ts";
import type { AuditLog } from "../records/audit-log.ts";
import type { Journal } from "../records/journal.ts";
import type { JobStore } from "../records/store.ts";

/** What the parts of the running scheduler share. One process has one; nothing of it outlives the process. */
export interface Core {
  readonly site: Site;
  /** The state folder. */
  readonly state: string;
  readonly flavors: readonly MachineFlavor[];
  readonly engine: Engine;
  readonly store: JobStore;
  readonly journal: Journal;
  readonly audit: AuditLog;
  readonly reserve: Reserve;
  readonly faults: FaultLog;
  readonly problems: ProblemBoard;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly inHand: InHand;
  /** Asks for a cycle of the queue: soon, once, however often it is called. */
  wake(): void;
}

/** What is under way or remembered between two looks at the engine. */
export interface InHand {
  /** Jobs whose object is being made: what the engine says of them waits until they are accepted. */
  readonly creating: Map<string, EngineEvent[]>;
  readonly admitting: Set<string>;
  readonly ending: Set<string>;
  /** Jobs whose start is already in the audit and the journal. */
  readonly startNoted: Set<string>;
  /** Ended jobs whose end is not yet in the journal, because it could not be written. */
  readonly unsaved: Set<string>;
  /** Jobs that nobody wants any more: their containers go wherever they turn up. */
  readonly forgotten: Set<string>;
  /** Jobs whose end is written, and whose container may still be there. */
  readonly finished: Set<string>;
  /** Why a job could not start, in the engine's words. */
  readonly startErrors: Map<string, string>;
  /** Writes under way that a clean stop waits for. */
  readonly writes: Set<Promise<void>>;
  history: RunHistory;
  lastSequence: number;
}

export function createInHand(): InHand {
  return {
    creating: new Map(),
    admitting: new Set(),
    ending: new Set(),
    startNoted: new Set(),
    unsaved: new Set(),
    forgotten: new Set(),
    finished: new Set(),
    startErrors: new Map(),
    writes: new Set(),
    history: new Map(),
    lastSequence: 0,
  };
}

/** The picture on which the queue decides. */
export function snapshotOf(core: Core): QueueSnapshot {
  return {
    jobs: core.store.active(),
    flavors: core.flavors.map((flavor) => ({ name: flavor.name, slots: flavor.usableSlots })),
    maxActiveJobsPerUser: core.site.limits.maxActiveJobsPerUser,
  };
}
