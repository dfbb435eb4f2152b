import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Site } from "@workstation/site";
import { createProblemBoard, type ProblemBoard } from "../../diagnostics/problems.ts";
import type { Lead, OpenOptions, Platform, Sinks } from "../platform.ts";
import { type ClusterAccess, createClusterAccess } from "./access/cluster-access.ts";
import { reviewsThrough } from "./access/token-review.ts";
import { type ClusterConnection, connectCluster } from "./api/connection.ts";
import { paths } from "./api/paths.ts";
import { readServerVersion } from "./api/server-version.ts";
import { type AuditSink, auditSink } from "./audit/audit-sink.ts";
import { auditWriter } from "./audit/audit-writer.ts";
import { noJournal } from "./audit/no-journal.ts";
import { type ClusterCapacity, followNodes } from "./capacity/follow-nodes.ts";
import { createClusterImages } from "./images/cluster-images.ts";
import { createKubernetesEngine, type KubernetesEngine } from "./kubernetes-engine.ts";
import { createLease, type Lease } from "./lead/lease.ts";
import { lookNowAndThen } from "./look-now-and-then.ts";
import { checkJobTemplate } from "./objects/check-job-template.ts";
import { leaseName } from "./objects/names.ts";
import { type ClusterPlaces, readOptions } from "./options.ts";
import { checkHomes } from "./users/check-homes.ts";
import { followUsers, type NamespaceUsers } from "./users/namespaces.ts";

/** etcd takes 1.5 MiB of an object (`--max-request-bytes`), and the rest of a Job is small; two thirds are kept free. */
const clusterLimits = { specificationBytes: 512 * 1024 };

/** What every part of the platform is given. */
interface Ground {
  readonly site: Site;
  readonly instance: string;
  readonly places: ClusterPlaces;
  readonly connection: ClusterConnection;
  /** Of the lease alone, which must not wait behind a thousand jobs. */
  readonly leaseConnection: ClusterConnection;
  readonly capacity: ClusterCapacity;
  readonly problems: ProblemBoard;
  readonly onFault: OpenOptions["onFault"];
}

/**
 * Jobs as Jobs of a cluster, users behind tokens, and all that must be remembered on the API server's objects. Every
 * replica shows and takes jobs; the one that holds the Lease decides. Throws `NO_CLUSTER`, `CLUSTER_TOO_OLD`,
 * `INVALID_OPTION`, and what a site is refused for.
 */
export async function open(site: Site, options: OpenOptions): Promise<Platform> {
  const { instance, onFault } = options;
  const places = readOptions(options.cluster ?? {});
  checkJobTemplate(site);
  checkHomes(site);
  const connection = await connectCluster(places.kubeconfig);
  const version = await readServerVersion(connection);
  const capacity = await followNodes(connection, site, onFault);
  const problems = createProblemBoard();
  const leaseConnection = await connectCluster(places.kubeconfig);
  const ground = { site, instance, places, connection, leaseConnection, capacity, problems, onFault };
  const identity = `${hostname()}-${randomBytes(4).toString("hex")}`;
  options.tell("connected", { server: connection.server, version: version.text, identity });
  options.tell("no pod can be told these limits of the site: its nodes hold them, or nobody", {
    "limits.pids": "podPidsLimit of the kubelets",
    "limits.openFiles": "the container runtime's own",
    "limits.scratchFiles": "nobody; the size is held, each of home, /tmp and /var/tmp by itself",
  });
  const lease = openLease(ground, identity);
  lease.onChange(() => options.tell(lease.held() ? "leads from now on" : "leads no more", { identity }));
  const engine = createKubernetesEngine({
    ...{ connection, site, instance },
    resourcesAt: version.resourcesAt,
    flavors: capacity.flavors,
    leads: lease.held,
    report: onFault,
  });
  lease.onChange(engine.leadAnew);
  const users = openUsers(ground);
  const access = openAccess(ground, users);
  await access.openProbes();
  return platformOf(ground, { lease, engine, users, access });
}

function openLease({ site, instance, leaseConnection, onFault }: Ground, identity: string): Lease {
  return createLease({
    connection: leaseConnection,
    namespace: site.kubernetes.namespace,
    name: leaseName(instance),
    identity,
    onFault: (fault) => onFault(fault, "lease"),
  });
}

function openUsers({ site, connection, problems, onFault }: Ground): NamespaceUsers {
  const users = followUsers({
    connection,
    site,
    onFault,
    onChange: () =>
      problems.set(
        "users",
        users.problems().map((message) => ({ message })),
      ),
  });
  return users;
}

/** Throws `OIDC_ISSUER_INSECURE`. */
function openAccess({ site, places, connection, problems, onFault }: Ground, users: NamespaceUsers) {
  return createClusterAccess({
    ...{ site, users, problems, onFault },
    review: reviewsThrough((body) => connection.ask("POST", paths.tokenReviews(), { body })),
    addresses: places.addresses,
    tlsFolder: places.tlsFolder,
    now: Date.now,
  });
}

async function platformOf(
  ground: Ground,
  parts: {
    readonly lease: Lease;
    readonly engine: KubernetesEngine;
    readonly users: NamespaceUsers;
    readonly access: ClusterAccess;
  },
): Promise<Platform> {
  const { site, connection, capacity, problems, places } = ground;
  const { lease, engine, users, access } = parts;
  const standing = whenAsked(lease);
  const following = begin(users);
  await users.synced;
  const audit = auditSink({
    ...auditWriter(places.auditFile),
    leads: lease.held,
    writtenUntil: lease.note,
    now: Date.now,
  });
  const stopLooking = lookNowAndThen({ problems, onFault: ground.onFault, engine, lease, audit });
  return {
    kind: "kubernetes",
    engine,
    problems,
    images: createClusterImages(connection, site, capacity.images),
    datasets: { check: async (ids) => new Set(site.kubernetes.volumes.datasets === null ? [] : ids) },
    limits: clusterLimits,
    startTimeoutSeconds: site.kubernetes.startTimeout,
    sinks: sinksWith(audit),
    capacity: capacity.follow,
    lead: async () => leadOf(lease, standing),
    authenticate: access.authenticate,
    listen: access.listen,
    rescan: access.rescan,
    refusals: access.refusals,
    report: () => ({ machine: capacity.total(), ...access.report() }),
    close: async () => {
      stopLooking();
      await standing.end();
      await following.end();
      await engine.close();
      await Promise.all([connection.close(), ground.leaseConnection.close()]);
    },
  };
}

function sinksWith(audit: AuditSink): Sinks {
  return {
    journal: noJournal,
    audit,
    reserve: { place: "the cluster", isTouched: async () => false },
    sweepLogs: async () => undefined,
  };
}

/** Begins what runs until it is ended. */
function begin(what: { run(signal: AbortSignal): Promise<void> }): { end(): Promise<void> } {
  const stopped = new AbortController();
  const ended = what.run(stopped.signal);
  return {
    end: async () => {
      stopped.abort();
      await ended;
    },
  };
}

/** The same for what begins when it is asked to, once. */
function whenAsked(what: Parameters<typeof begin>[0]) {
  let begun: ReturnType<typeof begin> | undefined;
  return {
    stand: (): void => {
      begun ??= begin(what);
    },
    end: async (): Promise<void> => begun?.end(),
  };
}

function leadOf(lease: Lease, { stand, end }: ReturnType<typeof whenAsked>): Lead {
  return {
    term: { stand, held: lease.held, onChange: lease.onChange, giveBack: end },
    lost: new Promise(() => undefined), // it comes and goes
    release: end,
  };
}
