import type { Site } from "@workstation/site";
import type { Engine, EngineEvent } from "../engine.ts";
import type { ClusterConnection } from "./api/connection.ts";
import type { ResourcesAt } from "./api/server-version.ts";
import type { ClusterFlavor } from "./capacity/cluster-flavors.ts";
import type { EngineContext } from "./context.ts";
import { admitJobs } from "./engine/admit.ts";
import { askStop } from "./engine/ask-stop.ts";
import { createHeld } from "./engine/create.ts";
import { endJob } from "./engine/end.ts";
import { keepUserLedgers } from "./engine/keep-user-ledgers.ts";
import { lookFor } from "./engine/look-for.ts";
import { createSlotTurns } from "./engine/slot-turns.ts";
import { stopVainWait } from "./engine/stop-vain-wait.ts";
import { takeSlots } from "./engine/take-slots.ts";
import { createSlotLedger } from "./ledger/slot-ledger.ts";
import { createUserLedger } from "./ledger/user-ledger.ts";
import { readPodLog } from "./output/pod-log.ts";
import { createJobTracker, type JobTracker } from "./tracker/job-tracker.ts";

export interface KubernetesEngineOptions {
  readonly connection: ClusterConnection;
  readonly site: Site;
  /** Every object carries this name; what does not is never touched. */
  readonly instance: string;
  readonly resourcesAt: ResourcesAt;
  readonly flavors: () => readonly ClusterFlavor[];
  /** Whether this process decides now. */
  readonly leads: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Milliseconds, by a clock that nobody sets. */
  readonly elapsed?: () => number;
  /** Hears of faults that are being recovered from, and of which part they are. */
  readonly report?: (fault: unknown, where?: string) => void;
  /** Milliseconds without a byte after which a watch counts as dead. */
  readonly silenceMs?: number;
}

/** The engine, and what its platform asks of it besides. */
export interface KubernetesEngine extends Engine {
  /** Another may have led meanwhile: what was read of the ledgers is forgotten. */
  leadAnew(): void;
  /** How many jobs run that no scheduler let go. */
  forcedJobs(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Runs jobs as `batch/v1` Jobs of a cluster: a waiting job is a suspended Job. Follows the API server from now on, whoever
 * watches.
 */
export function createKubernetesEngine(options: KubernetesEngineOptions): KubernetesEngine {
  const { connection, site, instance, now = Date.now } = options;
  const report = options.report ?? (() => undefined);
  const tracker = createJobTracker({
    connection,
    instance,
    site,
    onFault: report,
    ...(options.silenceMs === undefined ? {} : { silenceMs: options.silenceMs }),
  });
  const context: EngineContext = {
    ...{ connection, site, instance },
    resourcesAt: options.resourcesAt,
    tracker,
    ...openLedgers({ ...options, now, report }, tracker),
    goingNow: new Set(),
    flavors: options.flavors,
    report,
  };
  const takeInTurn = createSlotTurns((flavor, held) => takeSlots(context, flavor, held));
  const stopped = new AbortController();
  const running = tracker.run(stopped.signal);
  const keeper = keepUserLedgers(context, options.leads);
  return {
    keepsRecords: true,
    watch: (signal) => watchJobs(context, now, signal),
    create: (request) => createHeld(context, request),
    admit: (requests) => admitJobs(context, takeInTurn, requests),
    lookFor: (owner, name) => lookFor(context, owner, name),
    askStop: (ids, cause) =>
      cause === "flavorRemoved" ? stopVainWait(context, ids) : askStop(context, ids, { by: cause }),
    end: (id, how) => endJob(context, id, how),
    log: (id, how) => readPodLog(context, id, how),
    leadAnew: () => {
      context.slots.forget();
      keeper.correctAll();
    },
    forcedJobs: () => countForced(context),
    close: async () => {
      keeper.stop();
      stopped.abort();
      await running;
    },
  };
}

function openLedgers(
  options: KubernetesEngineOptions & {
    readonly now: () => number;
    readonly report: (fault: unknown) => void;
  },
  { isActive }: JobTracker,
): Pick<EngineContext, "slots" | "users"> {
  const { connection, instance, site, now, elapsed, report: onFault } = options;
  return {
    slots: createSlotLedger({ connection, instance, namespace: site.kubernetes.namespace, onFault }),
    users: createUserLedger({ connection, instance, site, isActive, now, elapsed, onFault }),
  };
}

/** One picture, then each change: what the reflectors miss they find again by themselves. */
async function* watchJobs(
  { tracker }: EngineContext,
  now: () => number,
  signal: AbortSignal,
): AsyncIterable<EngineEvent> {
  const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
  const onAbort = (): void => {
    abort();
    wake();
  };
  let wake = (): void => undefined;
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) return;
  await Promise.race([tracker.synced, aborted]);
  const events: EngineEvent[] = [{ kind: "snapshot", asOf: now(), jobs: tracker.all() }];
  const stop = tracker.listen((event) => {
    events.push(event);
    wake();
  });
  try {
    while (!signal.aborted) {
      yield* events.splice(0);
      if (events.length > 0) continue;
      // No race with the end: each would leave something behind on a promise that lives as long as we do.
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (signal.aborted) resolve();
      });
    }
  } finally {
    stop();
    signal.removeEventListener("abort", onAbort);
  }
}

async function countForced({ slots, tracker, flavors }: EngineContext): Promise<number> {
  const counts = await Promise.all(
    flavors().map(async ({ name }) => {
      const { entries } = await slots.read(name);
      return [...tracker.holders(name)].filter((uid) => !entries.has(uid)).length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
