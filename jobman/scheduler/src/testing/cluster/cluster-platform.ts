import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Site } from "@workstation/site";
import { createProblemBoard } from "../../diagnostics/problems.ts";
import { ApiError } from "../../errors/api-error.ts";
import type { ClusterConnection } from "../../platforms/kubernetes/api/connection.ts";
import { auditSink } from "../../platforms/kubernetes/audit/audit-sink.ts";
import { noJournal } from "../../platforms/kubernetes/audit/no-journal.ts";
import type { ClusterFlavor } from "../../platforms/kubernetes/capacity/cluster-flavors.ts";
import { createClusterImages } from "../../platforms/kubernetes/images/cluster-images.ts";
import { createKubernetesEngine } from "../../platforms/kubernetes/kubernetes-engine.ts";
import { createLease, type Lease, type LeaseOptions } from "../../platforms/kubernetes/lead/lease.ts";
import { leaseName } from "../../platforms/kubernetes/objects/names.ts";
import type { Apps, Listeners, Platform } from "../../platforms/platform.ts";
import type { User } from "../../platforms/user.ts";

/** What a test decides of a cluster's platform. */
export interface ClusterPlatformOptions {
  readonly site: Site;
  readonly instance: string;
  readonly connection: ClusterConnection;
  readonly flavors: Flavors;
  readonly lease: NonNullable<LeaseOptions["seconds"]>;
  /** It holds itself for the leader, whatever the lease says. */
  readonly forced: boolean;
  readonly silenceMs: number;
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
}

/** The flavors now, and whoever follows them. */
export interface Flavors {
  now(): readonly ClusterFlavor[];
  follow(signal: AbortSignal): AsyncIterable<readonly ClusterFlavor[]>;
}

/** A platform, and where it listens. */
export interface ClusterPlatform extends Platform {
  readonly address: Promise<string>;
  readonly lease: Pick<Lease, "held">;
}

/** Names the user of a request, who is believed. */
export const userHeader = "x-test-user";

/** The real engine, ledgers and lease; who is asking is told by a header. */
export function createClusterPlatform(options: ClusterPlatformOptions): ClusterPlatform {
  const { connection, site, instance, flavors, now } = options;
  const lease = openLease(options);
  const engine = createKubernetesEngine({
    ...{ connection, site, instance, now, silenceMs: options.silenceMs, resourcesAt: "admission" },
    flavors: flavors.now,
    leads: lease.held,
    report: options.onFault,
  });
  lease.onChange(engine.leadAnew);
  const stopped = new AbortController();
  let standing: Promise<void> | undefined;
  const stand = (): void => {
    standing ??= lease.run(stopped.signal);
  };
  const giveBack = async (): Promise<void> => {
    stopped.abort();
    await standing;
  };
  const term = { stand, held: lease.held, onChange: lease.onChange, giveBack };
  return {
    ...{ kind: "kubernetes", lease, engine, problems: createProblemBoard() },
    ...surroundings(options, lease),
    ...doors(),
    lead: async () => ({ term, lost: new Promise(() => undefined), release: giveBack }),
    close: async () => {
      await giveBack();
      await engine.close();
      await connection.close();
    },
  };
}

function surroundings({ connection, site, flavors, now }: ClusterPlatformOptions, lease: Lease) {
  return {
    images: createClusterImages(connection, site, async () => new Map()),
    datasets: { check: async () => new Set<string>() },
    limits: { specificationBytes: 512 * 1024 },
    startTimeoutSeconds: site.kubernetes.startTimeout,
    capacity: flavors.follow,
    sinks: {
      journal: noJournal,
      audit: auditSink({
        ...{ write: async () => undefined, reopen: async () => undefined },
        ...{ leads: lease.held, writtenUntil: lease.note, now },
      }),
      reserve: { place: "the cluster", isTouched: async () => false },
      sweepLogs: async () => undefined,
    },
  };
}

function doors() {
  const { promise: address, resolve: tellAddress } = Promise.withResolvers<string>();
  return {
    address,
    authenticate: async (request: IncomingMessage) => userOf(request),
    listen: (apps: Apps) => listen(apps, tellAddress),
    rescan: async () => undefined,
    report: () => ({ machine: { cores: 0, memoryBytes: 0, gpus: 0 }, users: [] }),
  };
}

function openLease({ connection, site, instance, lease, forced, onFault }: ClusterPlatformOptions): Lease {
  const real = createLease({
    connection,
    namespace: site.kubernetes.namespace,
    name: leaseName(instance),
    identity: `replica-${randomBytes(4).toString("hex")}`,
    onFault,
    seconds: lease,
  });
  return forced ? { ...real, held: () => true } : real;
}

function userOf({ headers }: IncomingMessage): User {
  const name = headers[userHeader];
  if (typeof name !== "string") throw new ApiError("NOT_ALLOWED", "this request is nobody's");
  return { name, uid: 20_001, gid: 20_001, datasets: [] };
}

async function listen({ forUser }: Apps, tell: (address: string) => void): Promise<Listeners> {
  const server = await serve(forUser());
  tell(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
