import type { Site } from "@workstation/site";
import { createFaultLog, type FaultLog } from "../../diagnostics/fault-log.ts";
import { createLogger } from "../../diagnostics/logger.ts";
import { connectWith } from "../../platforms/kubernetes/api/connection.ts";
import type { Credentials } from "../../platforms/kubernetes/api/credentials.ts";
import { startScheduler } from "../../scheduler.ts";
import {
  type ClusterPlatformOptions,
  createClusterPlatform,
  type Flavors,
  userHeader,
} from "./cluster-platform.ts";

/** One of the schedulers of an instance. */
export interface Replica {
  readonly address: string;
  leads(): boolean;
  readonly faults: FaultLog;
  stop(): Promise<void>;
}

export interface ReplicaOptions
  extends Partial<Pick<ClusterPlatformOptions, "forced" | "silenceMs" | "now">> {
  readonly site: Site;
  readonly instance: string;
  readonly credentials: Credentials;
  readonly flavors: Flavors;
  readonly lease?: ClusterPlatformOptions["lease"];
}

/** As in a cluster, a tenth as long: who is gone is not missed for long. */
export const quickLease = { duration: 2, renewDeadline: 1.3, retry: 0.2 };

/** Starts the real scheduler in this process, on the engine and lease of a cluster. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { site, instance, credentials, now = Date.now, forced = false, silenceMs = 90_000 } = options;
  const faults = createFaultLog(now, () => undefined);
  const connection = connectWith(credentials);
  const platform = createClusterPlatform({
    ...{ site, instance, connection, now, forced, silenceMs, flavors: options.flavors },
    lease: options.lease ?? quickLease,
    onFault: (fault) => faults.note("engine", fault),
  });
  const running = await startScheduler({
    ...{ site, instance, platform, faults, now },
    siteFile: "site.yaml",
    places: { state: "", run: "" },
    version: "0.0.0",
    logger: createLogger({ write: () => undefined }),
  });
  return { address: await platform.address, leads: platform.lease.held, faults, stop: running.stop };
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any;
}

/** Asks a replica as a user; status 0 where no answer came. */
export async function askReplica(
  { address }: Pick<Replica, "address">,
  user: string,
  question: { readonly method?: string; readonly path: string; readonly body?: unknown },
): Promise<Answer> {
  const { method = "GET", path, body } = question;
  try {
    const answer = await fetch(new URL(path, address), {
      method,
      headers: { [userHeader]: user, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  } catch {
    return { status: 0, body: undefined };
  }
}
