import { type DockerConnection, daemonSocket } from "@workstation/docker";
import { type Site, stateFolders } from "@workstation/site";
import type { Problem } from "../../diagnostics/problems.ts";
import { createLogStore } from "../../logs/log-store.ts";
import { oneAtATime } from "../../mutex/one-at-a-time.ts";
import type { Engine, ScratchUse } from "../engine.ts";
import type { EngineContext } from "./context.ts";
import { admitJobs } from "./engine/admit.ts";
import { createHeld } from "./engine/create.ts";
import { endJob } from "./engine/end.ts";
import { leave } from "./engine/leave.ts";
import { watchJobs } from "./engine/watch.ts";
import { askedOnce, findOpenFilesCeiling } from "./machine/open-files.ts";
import { scratchUse } from "./machine/scratch-use.ts";
import { insistOnFirewall } from "./network/user-network.ts";
import { readJobLog } from "./output/job-log.ts";

export interface DockerEngineOptions {
  readonly docker: DockerConnection;
  /** Every object carries this name; what does not is never touched. */
  readonly instance: string;
  readonly site: Site;
  /** The state folder, where homes and datasets lie. */
  readonly state: string;
  /** The ids of the GPUs that each flavor's slots share; none where it is absent. */
  readonly devices?: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Hears of faults that are being recovered from, such as a lost connection, and of which part they are. */
  readonly report?: (fault: unknown, where?: string) => void;
  /** Hears what the operator has to mend, by place: each time the whole of it. */
  readonly onProblems?: (where: string, problems: readonly Problem[]) => void;
  /** Seconds between two full lists that check what the events told. */
  readonly checkSeconds?: number;
}

/** The engine, and what its platform asks of it besides. */
export interface DockerEngine extends Engine {
  /** Takes networks and firewall rules away that no job needs any more. */
  leave(): Promise<void>;
  /** What jobs hold of their scratch space now; those that could not be measured are missing. */
  scratchUse(ids: readonly string[]): Promise<ReadonlyMap<string, ScratchUse>>;
}

/**
 * Runs jobs as containers of one Docker Engine: a waiting job is a container that was created and not started.
 * Throws `NETWORK_NEEDS_ROOT` for a site with services where their limits could not be enforced.
 */
export function createDockerEngine(options: DockerEngineOptions): DockerEngine {
  insistOnFirewall(options.site, {
    uid: process.getuid?.() ?? 0,
    local: daemonSocket(options.docker) !== undefined,
  });
  const context = createContext(options);
  return {
    keepsRecords: false,
    watch: (signal) => watchJobs(context, signal),
    create: async (request) => {
      await createHeld(context, request);
      return request.spec;
    },
    admit: (requests) => admitJobs(context, requests),
    end: (id, how) => endJob(context, id, how),
    leave: () => leave(context),
    scratchUse: (ids) => scratchUse(context, ids),
    log: (id, how) => readJobLog(context, id, how),
  };
}

/** What the parts of an engine share. */
export function createContext(options: DockerEngineOptions): EngineContext {
  const now = options.now ?? Date.now;
  const report = options.report ?? (() => undefined);
  const folder = stateFolders(options.state).logs;
  const reportOutput = (fault: unknown): void => report(outputFault(fault), "output");
  return {
    logs: createLogStore({ folder, keptBytes: options.site.limits.logSize, now, report: reportOutput }),
    captures: new Map(),
    watches: new Set(),
    initFailed: new Set(),
    docker: options.docker,
    instance: options.instance,
    site: options.site,
    state: options.state,
    now,
    report,
    onProblems: options.onProblems ?? (() => undefined),
    checkSeconds: options.checkSeconds ?? 60,
    openFilesCeiling: askedOnce((image) => findOpenFilesCeiling({ ...options, report }, image)),
    inTurn: oneAtATime(),
    creating: new Set(),
    devices: options.devices ?? new Map(),
    stuckVolumes: new Map(),
    claimed: new Map(),
    claiming: oneAtATime(),
    ended: new Map(),
  };
}

function outputFault(cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`output of a job could not be kept: ${why}`, { cause });
}
