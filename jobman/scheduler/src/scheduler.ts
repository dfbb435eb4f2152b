import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type Places, type Site, stateFolders } from "@workstation/site";
import type { FastifyBaseLogger } from "fastify";
import { createIdentities } from "./api/identity.ts";
import { openDoors } from "./api/open-doors.ts";
import type { Services } from "./api/services.ts";
import { type Core, createInHand } from "./core/core.ts";
import { createFaultLog } from "./diagnostics/fault-log.ts";
import { createProblemBoard, type ProblemBoard } from "./diagnostics/problems.ts";
import { reserveOf } from "./files/reserve.ts";
import { createJobViews } from "./jobs/view.ts";
import { createJobLoop, type JobLoop, type SnapshotTaker } from "./loop/job-loop.ts";
import { takeUp } from "./loop/take-up.ts";
import { cacheCatalogue } from "./platforms/cached-catalogue.ts";
import { flavorsOn } from "./platforms/docker/machine/flavors.ts";
import type { UserRegistry } from "./platforms/docker/users/registry.ts";
import { makeStateFolders } from "./platforms/docker/users/write-users.ts";
import type { Engine, ImageCatalogue, Machine } from "./platforms/engine.ts";
import { openAuditLog } from "./records/audit-log.ts";
import { openJournal } from "./records/journal.ts";
import { livingEntries } from "./records/living.ts";
import { createMemory, type Memory, remember } from "./records/memory.ts";
import { createJobStore } from "./records/store.ts";
import { createSubmitter } from "./submit/submit.ts";

/** All that a scheduler needs of the world. */
export interface SchedulerOptions {
  readonly site: Site;
  readonly places: Places;
  readonly instance: string;
  /** The engine's kind, for the operator. */
  readonly engineKind: string;
  readonly engine: Engine;
  readonly catalogue: ImageCatalogue;
  readonly machine: Machine;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** The account it runs as; 0 serves all users, another only itself. */
  readonly ownUid: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What the platform finds; absent where it looks for nothing. */
  readonly problems?: ProblemBoard;
}

/** A scheduler that serves. */
export interface RunningScheduler {
  /** Resolves when somebody asked it through the operator's socket to stop. */
  readonly stopAsked: Promise<void>;
  /** Goes on in new files where somebody moved journal or audit away; what must be remembered is in the new journal. */
  reopenFiles(): Promise<void>;
  /** Closes everything in order; jobs go on running. */
  stop(): Promise<void>;
}

/**
 * Starts a scheduler: reads its memory, takes up what the engine has, looks at the queue, and then opens the sockets.
 * Throws when a file or folder of its own cannot be used, or when a strict site does not fit the machine.
 */
export async function startScheduler(options: SchedulerOptions): Promise<RunningScheduler> {
  const flavors = flavorsOn(options.machine, options.site);
  await makeStateFolders(options.places.state);
  const loop = createJobLoop();
  const { core, memory } = await openCore(options, { flavors, wake: loop.wake });
  const stopping = new AbortController();
  // Every open stream listens to it.
  setMaxListeners(0, stopping.signal);
  const running = await startLoop(loop, core, { memory, signal: stopping.signal });
  const halt = async (): Promise<void> => {
    stopping.abort();
    await running.ended;
    await closeCore(core);
  };
  try {
    const doors = await openDoors(options, (users) => servicesOf(core, { options, stopping, users }));
    return {
      stopAsked: doors.stopAsked,
      reopenFiles: async () => {
        await core.audit.reopen();
        await core.journal.shorten(() => livingEntries(core));
      },
      stop: async () => {
        stopping.abort();
        await doors.close();
        await halt();
      },
    };
  } catch (error) {
    await halt();
    throw error;
  }
}

/** Resolves when the engine's first picture was taken up: from then on the queue moves. */
function startLoop(
  loop: JobLoop,
  core: Core,
  options: { readonly memory: Memory; readonly signal: AbortSignal },
): Promise<{ readonly ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const onSnapshot: SnapshotTaker = async ({ jobs }) => {
      try {
        await takeUp(core, options.memory, jobs);
        resolve({ ended });
      } catch (error) {
        reject(error);
        throw error;
      }
    };
    const ended = loop.run(core, { signal: options.signal, onSnapshot });
  });
}

async function openCore(
  { site, places, engine, now, logger, problems }: SchedulerOptions,
  parts: Pick<Core, "flavors" | "wake">,
) {
  const folders = stateFolders(places.state);
  const memory = createMemory();
  const { journal, damaged } = await openJournal(folders.journal, (entry) => remember(memory, entry));
  const faults = createFaultLog(now, (fault) => logger.error({ fault }, "fault"));
  if (damaged > 0) faults.note("journal", `${damaged} lines of ${folders.journal} could not be read`);
  const reserve = reserveOf(places.state);
  const onFault = (error: unknown): void => faults.note("audit", error);
  const audit = await openAuditLog(folders.audit, { now, reserve, onFault });
  const store = createJobStore();
  const inHand = createInHand();
  const core: Core = {
    ...parts,
    site,
    state: places.state,
    engine,
    store,
    journal,
    audit,
    reserve,
    faults,
    problems: problems ?? createProblemBoard(),
    now,
    inHand,
  };
  return { core, memory };
}

function servicesOf(
  core: Core,
  parts: {
    readonly options: SchedulerOptions;
    readonly stopping: AbortController;
    readonly users: Pick<UserRegistry, "get">;
  },
) {
  const { version } = parts.options;
  const catalogue = cacheCatalogue(parts.options.catalogue, () => performance.now());
  const identities = createIdentities((name) => parts.users.get(name));
  const services: Services = {
    core,
    catalogue,
    version,
    submitter: createSubmitter(core, catalogue),
    views: createJobViews(core),
    identify: identities.identify,
    stopping: parts.stopping.signal,
  };
  return { services, identities };
}

/** An engine that hangs keeps no scheduler from stopping. */
const leaveLimitMs = 10_000;

async function closeCore(core: Core): Promise<void> {
  const left = core.engine.leave?.().catch((error: unknown) => core.faults.note("engine", error));
  await Promise.race([left, delay(leaveLimitMs, undefined, { ref: false })]);
  await Promise.all(core.inHand.writes);
  await core.journal.close();
  await core.audit.close();
}
