import { userInfo } from "node:os";
import { join } from "node:path";
import {
  loadSite,
  type Places,
  placesFor,
  type Site,
  stateFolders,
  userFolder,
  userSocket,
  usualUser,
} from "@workstation/site";
import { $ } from "zx/core";
import { localFolder, projectFolder } from "../setup/places.ts";

/** What every step of `npm start` and `npm stop` needs to know. */
export interface StartContext {
  readonly site: Site;
  readonly places: Places;
  readonly instance: string;
  readonly localFolder: string;
  /** Local reference of the image that the example runs in. */
  readonly image: string;
  /** The user in whose name the example runs. */
  readonly user: string;
  readonly dataset: string;
  readonly initFile: string;
  readonly persistentHome: string;
  /** The user's own, on which the scheduler listens. */
  readonly socket: string;
  /** Runs jobman as the user would, its output shown; answers its exit code. */
  readonly jobman: (argv: readonly string[]) => Promise<number>;
  /** Runs jobman and answers what it printed on stdout. */
  readonly askJobman: (argv: readonly string[]) => Promise<string>;
  /** Arguments that name our instance and places to jobman-scheduler. */
  readonly schedulerArguments: readonly string[];
}

export function makeContext(options: {
  readonly state?: string | undefined;
  readonly run?: string | undefined;
  readonly instance?: string | undefined;
}): StartContext {
  const site = loadSite(join(projectFolder, "site.yaml"));
  const own = placesFor(process.getuid?.() ?? 0, process.env);
  const places = { state: options.state ?? own.state, run: options.run ?? own.run };
  const instance = options.instance ?? "main";
  const user = usualUser(site, { uid: process.getuid?.() ?? 0, login: userInfo().username });
  const { persistentHome } = userFolder(places.state, user);
  const { socket } = userSocket(places.run, user);
  const environment = { JOBMAN_SOCKET: socket };
  return {
    site,
    places,
    instance,
    localFolder: localFolder(),
    image: site.registry.prefix + site.defaults.image,
    user,
    dataset: "synthetic-3-subjects",
    initFile: join(persistentHome, "init.sh"),
    persistentHome,
    socket,
    jobman: (argv) => jobman(argv, environment),
    askJobman: (argv) => askJobman(argv, environment),
    schedulerArguments: ["--instance", instance, "--state", places.state, "--run", places.run],
  };
}

/** A file or folder of the project, absolute. */
export function projectPath(path: string): string {
  return join(projectFolder, path);
}

/** Where datasets lie on this machine. */
export function datasetFolder(context: StartContext): string {
  return join(stateFolders(context.places.state).datasets, context.dataset);
}

/** Runs jobman with what it needs to find its scheduler, its output shown; answers its exit code. */
export async function jobman(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<number> {
  const env = { ...process.env, ...environment };
  const { exitCode } = await $({ stdio: "inherit", nothrow: true, env })`node -- ${jobmanProgram} ${argv}`;
  return exitCode ?? 1;
}

/** The same; answers what it printed on stdout. */
export async function askJobman(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const env = { ...process.env, ...environment };
  return (await $({ env })`node -- ${jobmanProgram} ${argv}`.text()).trimEnd();
}

const jobmanProgram = projectPath("jobman/client/bin/jobman.js");
