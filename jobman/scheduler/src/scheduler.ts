import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type Places, type Site, stateFolders } from "@workstation/site";
import type { FastifyBaseLogger } from "fastify";
import { createIdentities } from "./api/identity.ts";
import { openDoors } from "./api/open-doors.ts";
import type { Services } from "./api/services.ts";
import type { Core } from "./core/core.ts";
import { createInFlight } from "./core/in-flight.ts";
import { createBackground } from "./diagnostics/background.ts";
import { createFaultLog } from "./diagnostics/fault-log.ts";
import { createProblemBoard, type ProblemBoard } from "./diagnostics/problems.ts";
import { reserveOf } from "./files/reserve.ts";
import { createPresenter } from "./jobs/presenter.ts";
import { createJobLoop, type JobLoop } from "./loop/run-loop.ts";
import { cacheCatalogue } from "./platforms/cached-catalogue.ts";
import { flavorsOn } from "./platforms/docker/machine/flavors.ts";
import type { UserRegistry } from "./platforms/docker/users/registry.ts";
import { makeStateFolders } from "./platforms/docker/users/write-users.ts";
import type { Engine, ImageCatalogue, Machine } from "./platforms/engine.ts";
import { openRecords } from "./records/open-records.ts";
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
  const core = await openCore(options, { flavors, wake: loop.wake });
  const stopping = new AbortController();
  // Every open stream listens to it.
  setMaxListeners(0, stopping.signal);
  const running = await startLoop(loop, core, stopping.signal);
  const halt = async (): Promise<void> => {
    stopping.abort();
    await running.ended;
    await closeCore(core);
  };
  try {
    const doors = await openDoors(options, (users) => servicesOf(core, { options, stopping, users }));
    return {
      stopAsked: doors.stopAsked,
      reopenFiles: core.records.reopen,
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
  signal: AbortSignal,
): Promise<{ readonly ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    const ended = loop.run(core, {
      signal,
      onRecovered: (failure) => (failure === undefined ? resolve({ ended }) : reject(failure.error)),
    });
  });
}

async function openCore(
  { site, places, engine, now, logger, problems }: SchedulerOptions,
  parts: Pick<Core, "flavors" | "wake">,
): Promise<Core> {
  const faults = createFaultLog(now, (fault) => logger.error({ fault }, "fault"));
  const background = createBackground(faults);
  const reserve = reserveOf(places.state);
  const shared = { now, faults, background, reserve, wake: parts.wake };
  return {
    ...parts,
    ...shared,
    site,
    stateFolder: places.state,
    engine,
    records: await openRecords(stateFolders(places.state), shared),
    inFlight: createInFlight(),
    problems: problems ?? createProblemBoard(),
  };
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
    presenter: createPresenter(core),
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
  await core.background.settled();
  await core.records.close();
}
