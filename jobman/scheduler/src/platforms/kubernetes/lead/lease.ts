import { setTimeout as pause } from "node:timers/promises";
import type { V1Lease } from "@kubernetes/client-node";
import { hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";

/** The right to decide, as a Lease that its holder renews; the times are those of Kubernetes' own controllers. */
export interface Lease {
  /** True while this process may decide: it knows by its own clock, so that one that slept says no at once. */
  held(): boolean;
  /** Hears when that changes. */
  onChange(listener: () => void): void;
  /** A text that the holder leaves for the others: theirs to read, and the next holder's to begin with. */
  readonly note: { get(): string | undefined; set(text: string): void };
  /** Stands for it until `signal`, then gives it back at once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface LeaseOptions {
  readonly connection: ClusterConnection;
  readonly namespace: string;
  readonly name: string;
  /** Unique for this process. */
  readonly identity: string;
  readonly onFault: (fault: unknown) => void;
  readonly seconds?: LeaseTimes;
}

interface LeaseTimes {
  /** How long it is good for without a word of its holder. */
  readonly duration: number;
  /** After how long without success a holder stops. */
  readonly renewDeadline: number;
  /** The pause between two tries. */
  readonly retry: number;
}

const usualSeconds: LeaseTimes = { duration: 15, renewDeadline: 10, retry: 2 };
/** Whoever waits looks more often: one that is given back is taken within two seconds. */
const waitingShare = 0.5;

const noteAnnotation = "workstation.note";

export function createLease(options: LeaseOptions): Lease {
  const state: LeaseState = {
    ...options,
    seconds: options.seconds ?? usualSeconds,
    renewedAt: Number.NEGATIVE_INFINITY,
    seen: undefined,
    found: undefined,
    note: undefined,
    listeners: [],
    told: false,
  };
  return {
    held: () => isHeld(state),
    onChange: (listener) => void state.listeners.push(listener),
    note: {
      get: () => state.found,
      set: (text) => {
        state.note = text;
      },
    },
    run: (signal) => stand(state, signal),
  };
}

interface LeaseState extends Required<Omit<LeaseOptions, "seconds">> {
  readonly seconds: LeaseTimes;
  /** By our clock, which does not jump (milliseconds). */
  renewedAt: number;
  /** What was seen last, and when by our clock: another's clock tells us nothing. */
  seen: { readonly version: string; readonly at: number } | undefined;
  /** What the holder before us left. */
  found: string | undefined;
  note: string | undefined;
  readonly listeners: (() => void)[];
  told: boolean;
}

function isHeld({ renewedAt, seconds }: LeaseState): boolean {
  return performance.now() - renewedAt < seconds.renewDeadline * 1000;
}

async function stand(state: LeaseState, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const askedAt = performance.now();
    try {
      if (await tryOnce(state)) state.renewedAt = askedAt;
    } catch (fault) {
      if (!hasStatus(fault, 409)) state.onFault(fault);
    }
    tellChange(state);
    const share = isHeld(state) ? 1 : waitingShare;
    const pauseMs = state.seconds.retry * 1000 * share;
    await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
  if (isHeld(state)) await giveBack(state).catch(state.onFault);
  state.renewedAt = Number.NEGATIVE_INFINITY;
  tellChange(state);
}

function tellChange(state: LeaseState): void {
  const now = isHeld(state);
  if (now === state.told) return;
  state.told = now;
  for (const listener of state.listeners) listener();
}

/** True where the lease is ours now. Throws `ClusterError`. */
async function tryOnce(state: LeaseState): Promise<boolean> {
  const lease = await readLease(state);
  if (lease === undefined) {
    await state.connection.ask("POST", paths.leases(state.namespace), {
      body: leaseObject(state, undefined),
    });
    return true;
  }
  const { resourceVersion = "" } = lease.metadata ?? {};
  const isOurs = lease.spec?.holderIdentity === state.identity;
  if (!isOurs) state.found = lease.metadata?.annotations?.[noteAnnotation];
  if (!isOurs && !isOver(state, lease)) return false;
  await write(state, leaseObject(state, lease, resourceVersion));
  return true;
}

/** Given back, or not renewed for its duration since we saw it change. */
function isOver(state: LeaseState, { metadata, spec }: V1Lease): boolean {
  const { resourceVersion: version = "" } = metadata ?? {};
  if (state.seen?.version !== version) state.seen = { version, at: performance.now() };
  if ((spec?.holderIdentity ?? "") === "") return true;
  const duration = (spec?.leaseDurationSeconds ?? state.seconds.duration) * 1000;
  return performance.now() - state.seen.at >= duration;
}

async function readLease({ connection, namespace, name }: LeaseState): Promise<V1Lease | undefined> {
  try {
    return await connection.ask<V1Lease>("GET", paths.lease(namespace, name), { patience: 0 });
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

async function write({ connection, namespace, name }: LeaseState, body: V1Lease): Promise<void> {
  await connection.ask("PUT", paths.lease(namespace, name), { body, patience: 0 });
}

async function giveBack(state: LeaseState): Promise<void> {
  const lease = await readLease(state);
  if (lease?.spec?.holderIdentity !== state.identity) return;
  const { spec, ...rest } = leaseObject(state, lease, lease.metadata?.resourceVersion);
  await write(state, { ...rest, spec: { ...spec, holderIdentity: "" } });
}

function leaseObject(state: LeaseState, before: V1Lease | undefined, version?: string): V1Lease {
  const now = new Date().toISOString().replace("Z", "000Z") as unknown as NonNullable<
    V1Lease["spec"]
  >["renewTime"];
  const isNew = before?.spec?.holderIdentity !== state.identity;
  const note = state.note ?? before?.metadata?.annotations?.[noteAnnotation];
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: state.name,
      namespace: state.namespace,
      ...(version === undefined ? {} : { resourceVersion: version }),
      ...(note === undefined ? {} : { annotations: { [noteAnnotation]: note } }),
    },
    spec: {
      holderIdentity: state.identity,
      leaseDurationSeconds: state.seconds.duration,
      leaseTransitions: (before?.spec?.leaseTransitions ?? 0) + (isNew ? 1 : 0),
      ...(now === undefined ? {} : { renewTime: now }),
    },
  };
}
