import { resolve } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { loadSite, type Places } from "@workstation/site";
import type { Logger } from "pino";
import { createFaultLog, type FaultLog } from "../diagnostics/fault-log.ts";
import { createLogger } from "../diagnostics/logger.ts";
import { findPlatform } from "../platforms/table.ts";
import { type RunningScheduler, startScheduler } from "../scheduler.ts";
import { readVersion } from "../version.ts";
import { findScheduler } from "./ask-scheduler.ts";
import { checkPlaces } from "./check-places.ts";
import { ownUid, type PlaceOptions, placesOf, standardInstance } from "./options.ts";

export interface ServeOptions extends PlaceOptions {
  readonly engine: string;
  readonly site: string;
  readonly dockerHost?: string;
  readonly kubeconfig?: string;
  readonly listen?: string;
  readonly tls?: string;
  readonly operator?: string;
  readonly metrics?: string;
  readonly audit?: string;
}

/** `jobman-scheduler serve`: runs until it is told to stop; jobs go on when it ends. */
export async function serve(options: ServeOptions): Promise<void> {
  const found = findPlatform(options.engine);
  const instance = checkedInstance(options.instance ?? standardInstance);
  const site = loadSite(options.site);
  const places = placesOf(options);
  if (found.ownsFolders) {
    checkPlaces(places);
    await refuseSecond(places);
  }
  const logger = createLogger(process.stderr);
  const faults = createFaultLog(Date.now, (fault, err) => logger.error({ fault, err }, "fault"));
  const rotation = followRotation(logger, faults);
  const { open } = await found.load();
  const platform = await open(site, {
    instance,
    places,
    ownUid: ownUid(),
    cluster: options,
    ...(options.dockerHost === undefined ? {} : { address: options.dockerHost }),
    tell: (message, facts) => logger.info(facts, message),
    onFault: (fault, where = "engine") => faults.note(where, fault),
  });
  const scheduler = await startScheduler({
    ...{ site, places, instance, platform, logger, faults },
    siteFile: resolve(options.site),
    version: readVersion(),
    now: Date.now,
  });
  rotation.begin(scheduler);
  logger.info({ instance, ...(found.ownsFolders ? places : {}), pid: process.pid }, "serving");
  const fault = await Promise.race([scheduler.over, toldToStop()]);
  logger.info("stopping; jobs go on running");
  await scheduler.stop();
  if (fault !== undefined) throw fault;
}

// Two instances may share an engine, never a journal and sockets.
async function refuseSecond({ run }: Places): Promise<void> {
  const status = await findScheduler(run);
  if (status === undefined) return;
  const { instance, pid } = status;
  throw new UserError(
    "SCHEDULER_RUNNING",
    `a scheduler (instance "${instance}", process ${pid}) serves ${run} already`,
    {
      hint: "stop it with: npm run scheduler -- stop; or name other folders with --state and --run",
      exitCode: exitCodes.unavailable,
    },
  );
}

function checkedInstance(instance: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(instance)) return instance;
  throw new UserError("INVALID_INSTANCE", `${JSON.stringify(instance)} cannot be an instance's name`, {
    hint: "lower-case letters, digits and dashes, 1 to 32 characters",
  });
}

// SIGHUP would end a process that does not listen to it; before the scheduler has opened its files, none is old.
function followRotation(logger: Logger, faults: FaultLog) {
  let serving: Pick<RunningScheduler, "reopenFiles"> | undefined;
  process.on("SIGHUP", () => {
    logger.info("SIGHUP: going on in new files");
    serving?.reopenFiles().catch((error: unknown) => faults.note("files", error));
  });
  return {
    begin: (scheduler: Pick<RunningScheduler, "reopenFiles">): void => {
      serving = scheduler;
    },
  };
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
}
