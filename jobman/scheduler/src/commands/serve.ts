import { userInfo } from "node:os";
import { exitCodes, UserError } from "@workstation/cli";
import { connectDocker } from "@workstation/docker";
import { loadSite, type Places, type Site } from "@workstation/site";
import type { Logger } from "pino";
import { createLogger } from "../diagnostics/logger.ts";
import { createProblemBoard } from "../diagnostics/problems.ts";
import {
  createDockerEngine,
  createImageCatalogue,
  createMachineProbe,
  insistOnSupported,
  takeLead,
} from "../platforms/docker/index.ts";
import { type RunningScheduler, startScheduler } from "../scheduler.ts";
import { readVersion } from "../version.ts";
import { findScheduler } from "./ask-scheduler.ts";
import { checkPlaces } from "./check-places.ts";
import { ownUid, type PlaceOptions, placesOf, standardInstance } from "./options.ts";
import { prepareState } from "./prepare-state.ts";

export interface ServeOptions extends PlaceOptions {
  readonly engine: string;
  readonly site: string;
  readonly dockerHost?: string;
}

/** `jobman-scheduler serve`: runs until it is told to stop; jobs go on when it ends. */
export async function serve(options: ServeOptions): Promise<void> {
  if (options.engine !== "docker") {
    throw new UserError("UNKNOWN_ENGINE", `there is no engine ${JSON.stringify(options.engine)}`, {
      hint: "engines: docker",
    });
  }
  const instance = checkedInstance(options.instance ?? standardInstance);
  const site = loadSite(options.site);
  const places = placesOf(options);
  checkPlaces(places);
  await refuseSecond(places);
  const logger = createLogger(process.stderr);
  const rotation = followRotation(logger);
  const { scheduler, lead } = await serveOnDocker(options, { site, places, logger, instance });
  rotation.begin(scheduler);
  logger.info({ instance, ...places, pid: process.pid }, "serving");
  const fault = await Promise.race([scheduler.stopAsked, toldToStop(), lead.lost]);
  logger.info("stopping; jobs go on running");
  await scheduler.stop();
  await lead.release();
  if (fault !== undefined) throw fault;
}

async function serveOnDocker(
  options: ServeOptions,
  parts: {
    readonly site: Site;
    readonly places: Places;
    readonly logger: Logger;
    readonly instance: string;
  },
) {
  const { site, places, logger, instance } = parts;
  const docker = await connectDocker(options.dockerHost);
  await insistOnSupported(docker);
  const holder = { instance, pid: process.pid, user: accountName(), since: new Date().toISOString() };
  const lead = await takeLead(docker, { state: places.state, holder });
  const problems = createProblemBoard();
  const found = await prepareState(places.state);
  problems.set(
    "state folder",
    found.map((message) => ({ message })),
  );
  const report = (fault: unknown): void => logger.warn({ err: fault }, "docker");
  const scheduler = await startScheduler({
    ...parts,
    problems,
    engineKind: "docker",
    engine: createDockerEngine({
      docker,
      instance,
      site,
      state: places.state,
      report,
      onProblems: problems.set,
    }),
    catalogue: createImageCatalogue(docker, site),
    machine: await createMachineProbe(docker).probe(),
    version: readVersion(),
    ownUid: ownUid(),
    now: Date.now,
  });
  return { scheduler, lead };
}

// An account need not have an entry in the machine's table.
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${ownUid()}`;
  }
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
      hint: "stop it with: jobman-scheduler stop; or name other folders with --state and --run",
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
function followRotation(logger: Logger) {
  let serving: Pick<RunningScheduler, "reopenFiles"> | undefined;
  process.on("SIGHUP", () => {
    logger.info("SIGHUP: going on in new files");
    serving?.reopenFiles().catch((error: unknown) => logger.error({ err: error }, "SIGHUP"));
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
