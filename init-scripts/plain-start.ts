import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { desktopStartFiles, initScriptFiles } from "./files.ts";

/** The real scripts, installed below a temporary folder and started as plain processes: no container. */
export interface PlainStart {
  readonly root: string;
  readonly entrypoint: string;
  readonly home: string;
  readonly persistentHome: string;
  readonly run: string;
  /** Writes ~/persistent-home/init.sh, without the x bit. */
  readonly writeInit: (content: string | Uint8Array) => Promise<void>;
  /** Starts the entrypoint in a process group of its own, as tini does. */
  readonly launch: (args: readonly string[], options?: StartOptions) => Started;
  /** Starts the entrypoint and waits for its end. */
  readonly start: (args: readonly string[], options?: StartOptions) => Promise<Ended>;
  readonly status: () => Promise<InitStatus>;
  readonly log: () => Promise<string>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Started instead of the entrypoint. */
  readonly script?: string;
  /** Default: an ordinary user's where the tests run as root. */
  readonly uid?: number;
}

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** As a shell gives it: 128 + n for a signal. */
  readonly code: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Waits until what was written so far contains the text. */
  readonly wrote: (stream: "stdout" | "stderr", text: string) => Promise<void>;
}

export interface InitStatus {
  readonly state: "running" | "succeeded" | "failed" | "skipped";
  readonly exitCode?: number;
  readonly reason?: string;
  readonly milliseconds?: number;
  readonly script: string;
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGTERM: 15,
};
const ordinaryUser = 1000;
export const isRoot = process.getuid?.() === 0;

/** A fresh home, installed scripts and an empty run folder, removed after the test. */
export async function preparePlainStart(): Promise<PlainStart> {
  const root = await mkdtemp(join(tmpdir(), "plain-start-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  await install(root);
  const home = join(root, "home");
  const persistentHome = join(home, "persistent-home");
  const run = join(root, "run");
  await mkdir(persistentHome, { recursive: true });
  await mkdir(run);
  await chmod(run, 0o1777);
  for (const folder of [home, persistentHome]) await giveToUser(folder);

  const base = {
    HOME: home,
    WORKSTATION_RUN: run,
    PATH: process.env.PATH ?? "/usr/bin:/bin",
    TMPDIR: run,
  };
  const entrypoint = join(root, "usr/local/lib/workstation/entrypoint");
  const launch = (args: readonly string[], options: StartOptions = {}): Started =>
    startProcess([options.script ?? entrypoint, ...args], {
      env: { ...base, ...options.env },
      uid: options.uid ?? ordinaryUser,
    });
  return {
    root,
    entrypoint,
    home,
    persistentHome,
    run,
    writeInit: (content) => writeInit(persistentHome, content),
    launch,
    start: (args, options) => launch(args, options).ended,
    status: async () => JSON.parse(await readFile(join(run, "init.json"), "utf8")) as InitStatus,
    log: () => readFile(join(run, "init.log"), "utf8"),
  };
}

/** Makes a file or folder the ordinary user's. */
export async function giveToUser(path: string): Promise<void> {
  if (isRoot) await chown(path, ordinaryUser, ordinaryUser);
}

async function install(root: string): Promise<void> {
  for (const file of [...initScriptFiles, ...desktopStartFiles]) {
    const from = join(import.meta.dirname, "..", file.from);
    const to = join(root, file.to);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    await chmod(to, file.mode ?? ((await readFile(from, "latin1")).startsWith("#!") ? 0o755 : 0o644));
  }
}

async function writeInit(folder: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, "init.sh");
  await writeFile(file, content, { mode: 0o644 });
  await giveToUser(file);
}

function startProcess(
  argv: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly uid: number },
): Started {
  const [file = "", ...args] = argv;
  const identity = isRoot ? { uid: options.uid, gid: options.uid } : {};
  const child = spawn(file, args, {
    env: { ...options.env },
    cwd: "/",
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    ...identity,
  });
  onTestFinished(() => killSession(Number(child.pid)));
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      written[stream] += text;
    });
  }
  const closed = once(child, "close");
  const ended = once(child, "exit").then(async ([code, signal]: (number | string | null)[]) => {
    await settle(closed);
    return { ...written, code: typeof code === "number" ? code : 128 + (signalNumbers[`${signal}`] ?? 0) };
  });
  const wrote = async (stream: "stdout" | "stderr", text: string): Promise<void> => {
    while (!written[stream].includes(text)) await once(child[stream], "data");
  };
  return { child, ended, wrote };
}

/** The command and init.sh have process groups of their own; the session is all of them. */
function killSession(leader: number): void {
  const { error } = spawnSync("pkill", ["-KILL", "-s", `${leader}`]);
  if (error !== undefined) throw error;
}

/** Something left behind may hold the streams open for long: what has arrived by then is all that is looked at. */
async function settle(closed: Promise<unknown>): Promise<void> {
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 300))]);
}
