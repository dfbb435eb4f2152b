import { setMaxListeners } from "node:events";
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { UserError } from "@workstation/cli";
import type { Places, Site } from "@workstation/site";
import type { FastifyBaseLogger } from "fastify";
import { openApi } from "./api/open-api.ts";
import type { Services } from "./api/services.ts";
import type { Core } from "./core/core.ts";
import { createInFlight } from "./core/in-flight.ts";
import { createBackground } from "./diagnostics/background.ts";
import type { FaultLog } from "./diagnostics/fault-log.ts";
import { createPresenter } from "./jobs/presenter.ts";
import { createJobLoop, type JobLoop } from "./loop/run-loop.ts";
import { followCapacity } from "./platforms/follow-capacity.ts";
import type { Lead, Platform } from "./platforms/platform.ts";
import { openRecords } from "./records/open-records.ts";
import { createSubmitter } from "./submit/submit.ts";

/** All that a scheduler needs of the world. */
export interface SchedulerOptions {
  readonly site: Site;
  /** The file that the site was read from, for the operator's other commands. */
  readonly siteFile: string;
  readonly places: Places;
  readonly instance: string;
  /** Closed when the scheduler ends. */
  readonly platform: Platform;
  readonly version: string;
  readonly logger: FastifyBaseLogger;
  /** Has what was met before, and takes what is met from now on. */
  readonly faults: FaultLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A scheduler that serves. */
export interface RunningScheduler {
  /** Resolves when somebody asked it to stop, or when it may not go on: then with the reason, and it stops by itself. */
  readonly over: Promise<UserError | undefined>;
  /** Goes on in new files where somebody moved journal or audit away; what must be remembered is in the new journal. */
  reopenFiles(): Promise<void>;
  /** Closes everything in order; jobs go on running. Safe to repeat. */
  stop(): Promise<void>;
}

/**
 * Starts a scheduler: takes the lead or stands for it, reads its memory, takes up what the engine has, looks at the queue, and then
 * listens. Throws when it cannot lead, when a file or folder of its own cannot be used, or when a strict site does not
 * fit what there is.
 */
export async function startScheduler(options: SchedulerOptions): Promise<RunningScheduler> {
  const lead = await options.platform.lead();
  try {
    const { stopAsked, reopenFiles, stop } = await startServing(options, lead);
    const stopOnce = once(async () => {
      await stop();
      await lead.release();
    });
    const lost = lead.lost.then((reason) => {
      void stopOnce().catch((error: unknown) => options.logger.error({ err: error }, "stopping"));
      return reason;
    });
    return { over: Promise.race([stopAsked, lost]), reopenFiles, stop: stopOnce };
  } catch (error) {
    await lead.release();
    throw error;
  }
}

function once(act: () => Promise<void>): () => Promise<void> {
  let acted: Promise<void> | undefined;
  return () => {
    acted ??= act();
    return acted;
  };
}

async function startServing(options: SchedulerOptions, lead: Lead) {
  const loop = createJobLoop();
  lead.term?.onChange(loop.wake);
  const leads = lead.term?.held ?? (() => true);
  const stopping = new AbortController();
  // Every open stream listens to it.
  setMaxListeners(0, stopping.signal);
  const core = await openCore(options, { wake: loop.wake, signal: stopping.signal, leads });
  const running = startLoop(loop, core, stopping.signal);
  const halt = async (): Promise<void> => {
    stopping.abort();
    await running.ended;
    await closeCore(core, options.platform);
  };
  try {
    await running.recovered;
    lead.term?.stand();
    const services = servicesOf(core, { options, stopping });
    const api = await openApi(options.platform, {
      services,
      facts: factsOf(options),
      logger: options.logger,
    });
    return {
      stopAsked: api.stopAsked.then(() => undefined),
      reopenFiles: core.records.reopen,
      stop: async () => {
        await lead.term?.giveBack();
        stopping.abort();
        await api.close();
        await halt();
      },
    };
  } catch (error) {
    await halt();
    throw error;
  }
}

function factsOf({ places, siteFile, version, instance, platform, now }: SchedulerOptions) {
  const [state, run] = [resolve(places.state), resolve(places.run)];
  return {
    state,
    run,
    siteFile,
    version,
    instance,
    engine: platform.kind,
    pid: process.pid,
    startedAt: now(),
  };
}

/** `recovered` resolves when the engine's first picture was taken up: from then on the queue moves. */
function startLoop(loop: JobLoop, core: Core, signal: AbortSignal) {
  const { promise: recovered, resolve, reject } = Promise.withResolvers<void>();
  const ended = loop.run(core, {
    signal,
    onRecovered: (failure) => (failure === undefined ? resolve() : reject(failure.error)),
  });
  return { recovered, ended };
}

async function openCore(
  { site, platform, now, faults }: SchedulerOptions,
  { wake, signal, leads }: Pick<Core, "wake" | "leads"> & { readonly signal: AbortSignal },
): Promise<Core> {
  const onFault = (error: unknown): void => faults.note("capacity", error);
  const capacity = await followCapacity(platform, { signal, onChange: wake, onFault });
  const background = createBackground(faults);
  const { reserve, sweepLogs } = platform.sinks;
  const { keepsRecords } = platform.engine;
  const shared = { now, faults, background, reserve, wake, keepsRecords };
  return {
    ...shared,
    site,
    flavors: capacity.now,
    engine: platform.engine,
    leads,
    startTimeoutSeconds: platform.startTimeoutSeconds,
    scratchUse: platform.scratchUse,
    sweepLogs,
    records: await openRecords(platform.sinks, shared),
    inFlight: createInFlight(now),
    problems: platform.problems,
  };
}

function servicesOf(
  core: Core,
  parts: { readonly options: SchedulerOptions; readonly stopping: AbortController },
): Services {
  const { version, platform } = parts.options;
  return {
    core,
    images: platform.images,
    version,
    submitter: createSubmitter(core, platform),
    presenter: createPresenter(core),
    authenticate: platform.authenticate,
    stopping: parts.stopping.signal,
  };
}

/** A platform that hangs keeps no scheduler from stopping. */
const closeLimitMs = 10_000;

async function closeCore(core: Core, platform: Platform): Promise<void> {
  const closed = platform.close().catch((error: unknown) => core.faults.note("engine", error));
  await Promise.race([closed, delay(closeLimitMs, undefined, { ref: false })]);
  await core.background.settled();
  await core.records.close();
}
