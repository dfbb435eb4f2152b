import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adminSocket, type Places, parseSite, type Site, userSocket } from "@workstation/site";
import { TestRunner } from "vitest";
import { sendThrough } from "../commands/socket-request.ts";
import { createFaultLog, type FaultLog } from "../diagnostics/fault-log.ts";
import { createLogger } from "../diagnostics/logger.ts";
import type { ProblemBoard } from "../diagnostics/problems.ts";
import { addUser } from "../platforms/docker/users/write-users.ts";
import type { Engine } from "../platforms/engine.ts";
import type { Lead, PlatformLimits, Sinks } from "../platforms/platform.ts";
import { type RunningScheduler, type SchedulerOptions, startScheduler } from "../scheduler.ts";
import { type Access, createLocalPlatform } from "./local-platform.ts";
import { removeFolder } from "./remove-folder.ts";
import { siteText } from "./site-text.ts";

/** A scheduler in this process, on an engine of the test's, with real folders, files and sockets. */
export interface SchedulerFixture {
  readonly state: string;
  readonly run: string;
  readonly site: Site;
  /** Sends a request as `user` through the user's own socket. */
  as(user: string): Ask;
  readonly asOperator: Ask;
  /** Stops it and starts another one in the same folders; `meanwhile` happens while none runs. */
  restart(meanwhile?: () => void | Promise<void>): Promise<void>;
  /** Why the scheduler stopped by itself. */
  over(): Promise<unknown>;
  dispose(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Sends one request and answers status and body. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>;

export interface Answer {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks at what it expects
  readonly body: any;
}

export async function makeSchedulerFixture(options: FixtureOptions): Promise<SchedulerFixture> {
  const folder = await mkdtemp(join(options.folder ?? tmpdir(), "jobman-scheduler-"));
  const places = { state: join(folder, "state"), run: join(folder, "run") };
  const siteFile = join(folder, "site.yaml");
  const readText = (): string => options.site?.(siteText) ?? siteText;
  const readSite = (): Site => parseSite(readText(), "site.yaml");
  const site = readSite();
  await writeFile(siteFile, readText());
  const served = isRoot ? options.users : options.users.slice(0, 1);
  await addUsers({ ...places, site, served }, options);
  const start = (): Promise<RunningScheduler> =>
    startScheduler(schedulerOptions({ ...places, siteFile }, readSite(), options));
  let running = await start();
  const dispose = async (): Promise<void> => {
    await running.stop();
    removeFolder(folder);
  };
  return {
    ...places,
    site,
    as: (user) => (method, path, body) => {
      if (!isRoot && !served.includes(user)) skipForAccount();
      return ask(userSocket(places.run, user).socket, { method, path, body });
    },
    asOperator: (method, path, body) => ask(adminSocket(places.run).socket, { method, path, body }),
    restart: async (meanwhile) => {
      await running.stop();
      await meanwhile?.();
      running = await start();
    },
    over: () => running.over,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

export interface FixtureOptions {
  readonly engine: Engine;
  readonly users: readonly string[];
  /** Makes the site of each start. */
  readonly site?: (text: string) => string;
  /** Ids that are granted, by user. */
  readonly datasets?: Readonly<Record<string, readonly string[]>>;
  readonly now?: () => number;
  readonly problems?: ProblemBoard;
  readonly lead?: Lead;
  readonly limits?: PlatformLimits;
  readonly sinks?: Sinks;
  readonly log?: (line: string) => void;
  /** Who reaches it, in place of users through sockets. */
  readonly access?: (problems: ProblemBoard, faults: FaultLog) => Access;
  /** Where its folders are made; the system's place for temporary ones without it. */
  readonly folder?: string;
}

async function addUsers(
  fixture: { readonly state: string; readonly site: Site; readonly served: readonly string[] },
  { datasets }: FixtureOptions,
): Promise<void> {
  const store = { ...fixture, ownUid: process.getuid?.() ?? 0 };
  for (const name of fixture.served) await addUser(store, { name, datasets: datasets?.[name]?.join() ?? "" });
}

const isRoot = process.getuid?.() === 0;

function skipForAccount(): void {
  const test: ReturnType<typeof TestRunner.getCurrentTest> = TestRunner.getCurrentTest();
  test?.context.skip("only root can serve several users");
}

function schedulerOptions(
  { siteFile, ...places }: Places & { readonly siteFile: string },
  site: Site,
  options: FixtureOptions,
): SchedulerOptions {
  const now = options.now ?? Date.now;
  const logger = createLogger({ write: (line) => options.log?.(line) });
  const faults = createFaultLog(now, (fault) => logger.error({ fault }, "fault"));
  const { access, ...others } = options;
  const reached =
    access === undefined ? {} : { access: (problems: ProblemBoard) => access(problems, faults) };
  return {
    site,
    places,
    siteFile,
    instance: "test",
    platform: createLocalPlatform({ ...others, ...reached, site, places }),
    version: "0.0.0",
    logger,
    faults,
    now,
  };
}

/** Sends one request through a Unix socket; a text goes as it is, anything else as JSON. */
export async function ask(
  socketPath: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await sendThrough({ socketPath }, { method, path, text });
  return { ...answer, body: parseIfJson(answer.text) };
}

function parseIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
