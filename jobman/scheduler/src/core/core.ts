import type { Site } from "@workstation/site";
import type { Background } from "../diagnostics/background.ts";
import type { FaultLog } from "../diagnostics/fault-log.ts";
import type { ProblemBoard } from "../diagnostics/problems.ts";
import type { Reserve } from "../files/reserve.ts";
import type { Capacity } from "../platforms/capacity.ts";
import type { Engine } from "../platforms/engine.ts";
import type { Platform, Sinks } from "../platforms/platform.ts";
import type { QueueSnapshot, StopCause } from "../queue/index.ts";
import type { Records } from "../records/records.ts";
import type { InFlight } from "./in-flight.ts";

/** What the parts of the running scheduler share. One process has one; nothing of it outlives the process. */
export interface Core {
  readonly site: Site;
  /** What the platform gives now, in the site's order. */
  flavors(): Capacity;
  readonly engine: Engine;
  /** Whether this process decides now; others only show, take and forget jobs. */
  leads(): boolean;
  readonly startTimeoutSeconds: Platform["startTimeoutSeconds"];
  readonly scratchUse: Platform["scratchUse"];
  readonly sweepLogs: Sinks["sweepLogs"];
  readonly records: Records;
  readonly inFlight: InFlight;
  readonly reserve: Reserve;
  readonly faults: FaultLog;
  readonly problems: ProblemBoard;
  readonly background: Background;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Asks for a cycle of the queue: soon, once, however often it is called. */
  wake(): void;
}

/** Writes down who or what asks for the end of jobs: where every scheduler of theirs sees it, and in the records. */
export async function askStop(core: Core, ids: readonly string[], cause: StopCause): Promise<void> {
  await core.engine.askStop?.(ids, cause);
  await core.records.askStop(ids, cause);
}

/** The picture on which the queue decides. */
export function snapshotOf(core: Core): QueueSnapshot {
  return {
    jobs: core.records.active(),
    flavors: core.flavors().map((flavor) => ({ name: flavor.name, slots: flavor.usableSlots })),
    maxActiveJobsPerUser: core.site.limits.maxActiveJobsPerUser,
    ...(core.startTimeoutSeconds === undefined ? {} : { startTimeoutSeconds: core.startTimeoutSeconds }),
  };
}
