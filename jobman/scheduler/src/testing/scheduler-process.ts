import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectDocker, type DockerConnection } from "@workstation/docker";
import { adminSocket, parseSite, type Site, userFolder, userSocket } from "@workstation/site";
import { addUser } from "../platforms/docker/users/write-users.ts";
import { removeInstance } from "../platforms/testing/docker-fixture.ts";
import type { SchedulerStatus } from "../status/admin-protocol.ts";
import { removeFolder } from "./remove-folder.ts";
import { type Ask, ask } from "./scheduler-fixture.ts";
import { siteText } from "./site-text.ts";
import { type Ended, spawnAndWait } from "./spawn-and-wait.ts";
import { until } from "./until.ts";

/** The real scheduler as a process of its own on a real Docker Engine, under a random instance. */
export interface SchedulerProcess {
  readonly docker: DockerConnection;
  readonly instance: string;
  readonly state: string;
  readonly run: string;
  readonly site: Site;
  as(user: string): Ask;
  home(user: string): string;
  addUsers(names: readonly string[]): Promise<void>;
  status(): Promise<SchedulerStatus | undefined>;
  /** Starts it and waits until it serves. */
  start(): Promise<void>;
  /** Starts one more, with other options at the end, and waits for its end. */
  runToEnd(more?: readonly string[]): Promise<Ended>;
  /** Ends it and waits until it has gone. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
  /** Sends a signal that does not end it. */
  signal(name: NodeJS.Signals): void;
  pid(): number | undefined;
  log(): string;
  dispose(): Promise<void>;
}

export { removeFolder } from "./remove-folder.ts";

/** An image that every machine has after set-up; it is none of the family, so jobs run exactly what they are given. */
export const plainImage = "workstation-base:debian-12";

const program = fileURLToPath(new URL("../../bin/jobman-scheduler.js", import.meta.url));

export async function makeSchedulerProcess(options: ProcessOptions = {}): Promise<SchedulerProcess> {
  const docker = await connectDocker(options.dockerHost);
  const instance = `test-${randomBytes(4).toString("hex")}`;
  const { folder, state, run, siteFile, logFile, site } = makeFolders(options);
  const host = options.dockerHost === undefined ? [] : ["--docker-host", options.dockerHost];
  const places = ["--state", state, "--run", run, "--instance", instance];
  const argv = [program, "serve", "--engine", "docker", "--site", siteFile, ...places, ...host];
  let child: ChildProcess | undefined;
  return {
    docker,
    instance,
    state,
    run,
    site,
    status: () => askStatus(run),
    as: (user) => (method, path, body) => ask(userSocket(run, user).socket, { method, path, body }),
    home: (user) => userFolder(state, user).persistentHome,
    addUsers: (names) => addUsers({ state, site }, names),
    start: async () => {
      child = launch(argv, logFile);
      await untilServing(child, { run, logFile });
    },
    runToEnd: (more = []) => spawnAndWait(process.execPath, [...argv, ...more]),
    kill: (signal) => killAndWait(child, signal),
    signal: (name) => void child?.kill(name),
    pid: () => child?.pid,
    log: () => readFileSync(logFile, "utf8"),
    dispose: async () => {
      await killAndWait(child, "SIGKILL");
      await removeInstance(docker, instance);
      removeFolder(folder);
    },
  };
}

export interface ProcessOptions {
  readonly site?: (text: string) => string;
  readonly dockerHost?: string;
  /** A file system of its own for the state folder (root only), so that it can be filled. */
  readonly stateSize?: string;
}

function makeFolders(options: ProcessOptions) {
  const folder = mkdtempSync(join(tmpdir(), "jobman-process-"));
  const state = join(folder, "state");
  const siteFile = join(folder, "site.yaml");
  const text = siteText
    .replace("allowed: [family]", `allowed: ["${plainImage}"]`)
    .replace("image: ubuntu-python:latest", `image: "${plainImage}"`);
  writeFileSync(siteFile, options.site?.(text) ?? text);
  mkdirSync(state, { mode: 0o700 });
  if (options.stateSize !== undefined) {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${options.stateSize},mode=700`, "tmpfs", state]);
  }
  const site = parseSite(readFileSync(siteFile, "utf8"), siteFile);
  return { folder, state, run: join(folder, "run"), siteFile, logFile: join(folder, "log"), site };
}

async function addUsers(
  place: { readonly state: string; readonly site: Site },
  names: readonly string[],
): Promise<void> {
  const ids = { ownUid: process.getuid?.() ?? 0 };
  for (const name of names) await addUser({ ...place, ...ids }, { name, datasets: "" });
}

async function askStatus(run: string): Promise<SchedulerStatus | undefined> {
  const { socket } = adminSocket(run);
  return (await ask(socket, { method: "GET", path: "/v1/status" }).catch(() => undefined))?.body;
}

function launch(argv: readonly string[], logFile: string): ChildProcess {
  const output = openSync(logFile, "a");
  try {
    return spawn(process.execPath, argv, { stdio: ["ignore", output, output] });
  } finally {
    closeSync(output);
  }
}

async function untilServing(
  child: ChildProcess,
  where: { readonly run: string; readonly logFile: string },
): Promise<void> {
  const look = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`it ended: ${readFileSync(where.logFile, "utf8")}`);
    return (await askStatus(where.run))?.pid === child.pid;
  };
  await until("the scheduler serves", look, 30_000);
}

function killAndWait(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      resolve(child?.exitCode ?? null);
      return;
    }
    child.once("exit", (code) => resolve(code));
    child.kill(signal);
  });
}
