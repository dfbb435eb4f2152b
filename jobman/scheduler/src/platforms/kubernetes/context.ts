import type { Site } from "@workstation/site";
import type { ClusterConnection } from "./api/connection.ts";
import type { ResourcesAt } from "./api/server-version.ts";
import type { ClusterFlavor } from "./capacity/cluster-flavors.ts";
import type { SlotLedger } from "./ledger/slot-ledger.ts";
import type { UserLedger } from "./ledger/user-ledger.ts";
import type { JobTracker } from "./tracker/job-tracker.ts";

/** What the parts of an engine share. */
export interface EngineContext {
  readonly connection: ClusterConnection;
  readonly site: Site;
  /** Every object carries this name; what does not is never touched. */
  readonly instance: string;
  readonly resourcesAt: ResourcesAt;
  readonly tracker: JobTracker;
  readonly slots: SlotLedger;
  readonly users: UserLedger;
  /** UIDs of Jobs that this process is letting go now. */
  readonly goingNow: Set<string>;
  flavors(): readonly ClusterFlavor[];
  /** Hears of faults that are being recovered from, and of which part they are. */
  readonly report: (fault: unknown, where?: string) => void;
}
