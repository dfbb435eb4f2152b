import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { ControlPlane } from "@workstation/cluster";
import type { Site } from "@workstation/site";
import { hasStatus } from "../../platforms/kubernetes/api/cluster-error.ts";
import { type ClusterConnection, connectWith } from "../../platforms/kubernetes/api/connection.ts";
import { readCredentials } from "../../platforms/kubernetes/api/credentials.ts";
import { paths } from "../../platforms/kubernetes/api/paths.ts";
import { leaseName, namespaceOf } from "../../platforms/kubernetes/objects/names.ts";
import { type FaultyProxy, openFaultyProxy } from "../../platforms/kubernetes/testing/faulty-proxy.ts";
import { type History, recordHistory } from "../../platforms/kubernetes/testing/history.ts";
import { brokenPromises, type Promises, unfinished } from "../../platforms/kubernetes/testing/invariants.ts";
import {
  runFor,
  type StandInKubelet,
  startStandInKubelet,
} from "../../platforms/kubernetes/testing/stand-in-kubelet.ts";
import { clusterImage, clusterSite } from "../../platforms/testing/cluster-site.ts";
import type { Flavors } from "./cluster-platform.ts";
import { type Answer, askReplica, type Replica, type ReplicaOptions, startReplica } from "./replica.ts";
import { shownWrongly } from "./shown-wrongly.ts";
import { slotTable } from "./slot-table.ts";

/** Schedulers, an instance of their own on a real control plane, and everything that can befall them. */
export interface ClusterWorld {
  readonly site: Site;
  readonly instance: string;
  readonly flavors: Flavors;
  /** The way of the administrator, on which nothing goes wrong. */
  readonly admin: ClusterConnection;
  readonly kubelet: StandInKubelet;
  readonly history: History;
  /** Starts a scheduler whose way to the API server is a faulty proxy. */
  replica(options?: Partial<ReplicaOptions>): Promise<FaultyReplica>;
  /** Submits through a replica; the name is told where the job was taken. */
  submit(to: Pick<Replica, "address">, job: SubmittedJob): Promise<Answer & { readonly name: string }>;
  /** Jobs for which a replica answered 201. */
  readonly accepted: Set<string>;
  /** Jobs that somebody took away who needs no scheduler for it. */
  readonly removed: Set<string>;
  /** A flavor's slots from now on. */
  setSlots(flavor: string, slots: number): void;
  /** Whoever held the lease is given up: its time passes at once. */
  passLease(): Promise<void>;
  /** Resolves when nothing is left to do; fails when nothing happens for so long though something is. */
  rest(stillMs?: number): Promise<void>;
  /** What did not hold, in words. */
  broken(parts?: Partial<Promises>): Promise<readonly string[]>;
  /** Jobs that a replica shows otherwise than their objects are, in words. */
  shownWrongly(by: Pick<Replica, "address">): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FaultyReplica extends Replica {
  readonly proxy: FaultyProxy;
}

export interface SubmittedJob {
  readonly owner: string;
  readonly flavor?: string;
  readonly name?: string;
  readonly milliseconds?: number;
  readonly exitCode?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WorldOptions {
  readonly cap?: number;
  /** By flavor. */
  readonly slots?: Readonly<Record<string, number>>;
  /** Seconds that an admitted job may take to start. */
  readonly startTimeout?: number;
}

const usualSlots = { wide: 3, narrow: 1 };
export const owners = ["alice", "bob", "carol", "dave", "erin"] as const;

export async function makeClusterWorld(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  options: WorldOptions = {},
): Promise<ClusterWorld> {
  const site = worldSite(options);
  const instance = `test-${randomBytes(4).toString("hex")}`;
  const credentials = await readCredentials(controlPlane.kubeconfig);
  const admin = connectWith(credentials);
  await makeNamespaces(admin, site, owners);
  const history = await recordHistory(admin, instance);
  const kubelet = await startStandInKubelet(admin, instance);
  const slots = slotTable(site);
  const accepted = new Set<string>();
  const removed = new Set<string>();
  const ends: (() => Promise<unknown>)[] = [];
  const common = { site, instance, flavors: slots.flavors };
  return {
    ...{ ...common, admin, kubelet, history, accepted, removed, setSlots: slots.set },
    replica: (parts = {}) => startFaulty({ ...common, credentials, ...parts }, ends),
    submit: (to, job) => submit(to, job, accepted),
    passLease: () => passLease(admin, site, instance),
    rest: (stillMs = 30_000) => rest(history, () => unfinished(history, { accepted, removed }), stillMs),
    broken: async (parts = {}) => {
      await history.caughtUp();
      const { maxActiveJobsPerUser: cap } = site.limits;
      const promises = { cap, slots: slots.at, knownAfterMs: 2000, ...parts };
      return [...new Set(brokenPromises(history, promises)), ...lost(history, accepted)];
    },
    shownWrongly: (by) => shownWrongly(history, by),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(ends.map((end) => end()));
      await kubelet.stop();
      await history.stop();
      await admin.close();
    },
  };
}

async function startFaulty(
  options: ReplicaOptions,
  ends: (() => Promise<unknown>)[],
): Promise<FaultyReplica> {
  const proxy = await openFaultyProxy(options.credentials);
  const replica = await startReplica({ ...options, credentials: proxy.credentials });
  ends.push(async () => {
    await replica.stop().catch(() => undefined);
    await proxy.close();
  });
  return { ...replica, proxy };
}

/** The queue moves as long as something happens; a machine that is busy may take its time for it. */
async function rest(history: History, left: () => readonly string[], stillMs: number): Promise<void> {
  let events = history.events().length;
  let movedAt = Date.now();
  while (!(await isDone(history, left))) {
    if (Date.now() - movedAt > stillMs) {
      throw new Error(`the queue does not move any more: ${left().slice(0, 10).join("; ")}`);
    }
    await pause(lookEveryMs);
    const now = history.events().length;
    if (now !== events) movedAt = Date.now();
    events = now;
  }
}

/** Also with what just happened. */
async function isDone(history: History, left: () => readonly string[]): Promise<boolean> {
  if (left().length > 0) return false;
  await history.caughtUp();
  return left().length === 0;
}

const lookEveryMs = 50;

function worldSite({ cap = 100, slots = usualSlots, startTimeout = 60 }: WorldOptions): Site {
  const site = clusterSite({ cap });
  const like = site.flavors.find(({ kind, gpu }) => kind === "job" && gpu === undefined);
  if (like === undefined) throw new Error("the site has no flavor");
  const flavors = Object.entries(slots).map(([name, count]) => ({
    ...like,
    ...{ name, slots: count, timeLimit: name === "narrow" ? 2 : 600 },
  }));
  return {
    ...site,
    flavors,
    defaults: { ...site.defaults, flavor: "wide" },
    limits: { ...site.limits, stopGrace: 1, strictFlavors: false },
    kubernetes: { ...site.kubernetes, startTimeout, flavors: {} },
  };
}

async function submit(
  to: Pick<Replica, "address">,
  job: SubmittedJob,
  accepted: Set<string>,
): Promise<Answer & { readonly name: string }> {
  const { owner, flavor, milliseconds = 100, exitCode = 0, environment = {} } = job;
  const name = job.name ?? `job-${randomBytes(4).toString("hex")}`;
  const body = {
    ...{ name, environment, image: clusterImage, exact: true },
    arguments: runFor(milliseconds, exitCode),
    ...(flavor === undefined ? {} : { flavor }),
  };
  const answer = await askReplica(to, owner, { method: "POST", path: "/v1/jobs", body });
  if (answer.status === 201) accepted.add(name);
  return { ...answer, name };
}

function lost({ events }: History, accepted: ReadonlySet<string>): readonly string[] {
  const made = new Set(events().map(({ object }) => object.metadata?.name));
  return [...accepted].filter((name) => !made.has(name)).map((name) => `${name} was promised and never made`);
}

async function passLease(admin: ClusterConnection, site: Site, instance: string): Promise<void> {
  const path = paths.lease(site.kubernetes.namespace, leaseName(instance));
  await admin.ask("DELETE", path).catch((error: unknown) => {
    if (!hasStatus(error, 404)) throw error;
  });
}

async function makeNamespaces(admin: ClusterConnection, site: Site, users: readonly string[]): Promise<void> {
  for (const name of [site.kubernetes.namespace, ...users.map((user) => namespaceOf(site, user))]) {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name } };
    await admin.ask("POST", paths.namespaces(), { body }).catch((error: unknown) => {
      if (!hasStatus(error, 409)) throw error;
    });
  }
}
