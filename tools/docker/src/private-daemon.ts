import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { connectDocker, type DockerConnection } from "./connect.ts";
import { type PrivateContainerd, startPrivateContainerd } from "./private-containerd.ts";

/** A Docker Engine of a test's own, for faults that would concern everybody on the machine's. */
export interface PrivateDaemon {
  /** `unix:///…/docker.sock`, for `--docker-host` and `DOCKER_HOST`. */
  readonly host: string;
  /** Where its bridges are, as a file for `nsenter --net`; another one after each start. */
  networkNamespace(): string;
  readonly docker: DockerConnection;
  /** Starts it after `stop` or `kill`; resolves when it answers. */
  start(): Promise<void>;
  /** Ends it as a system does (TERM); resolves when its process is gone. */
  stop(): Promise<void>;
  /** Ends it as a fault does (KILL); resolves when its process is gone. */
  kill(): Promise<void>;
  /** Brings an image from another engine. */
  copyImage(from: DockerConnection, reference: string): Promise<void>;
  /** Removes its containers, its process and its files. */
  dispose(): Promise<void>;
}

/** Why a private engine cannot be made here; undefined when it can. */
export function privateDaemonObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "a private Docker Engine needs root";
  try {
    execFileSync("dockerd", ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "dockerd is not on PATH";
  }
}

export interface PrivateEngineOptions {
  /** Added to dockerd's own. */
  readonly flags?: readonly string[];
  /** A folder whose programs are found before the machine's; a containerd among them serves this engine alone. */
  readonly tools?: string;
  /** With bridges and firewall rules, in a network namespace of its own; without, its containers have no network. */
  readonly network?: boolean;
}

/** Makes and starts one. */
export async function makePrivateDaemon(options: PrivateEngineOptions = {}): Promise<PrivateDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "workstation-dockerd-"));
  chmodSync(folder, 0o711); // so that accounts of the socket's group get to it
  const host = `unix://${folder}/docker.sock`;
  const containerd = await containerdOf(folder, options.tools);
  const argv = [
    ...(options.network === true ? ["sh", "-ec", plugIn, "sh"] : []),
    ...["dockerd", ...ownPlaces(folder, host)],
    ...(containerd === undefined ? [] : ["--containerd", containerd.address]),
    ...(options.network === true ? [] : withoutNetwork),
    ...(options.flags ?? []),
  ];
  writeFileSync(join(folder, "config.json"), "{}");
  let dockerd: ChildProcess | undefined;

  async function start(): Promise<void> {
    dockerd = launch(folder, argv, options.tools);
    await untilItAnswers(folder, host, dockerd);
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const process = dockerd;
    dockerd = undefined;
    if (process === undefined || process.exitCode !== null || process.signalCode !== null) return;
    const gone = once(process, "exit");
    process.kill(signal);
    await gone;
    await untilContainerdIsGone(folder);
  }

  await start();
  const docker = await connectDocker(host);
  return {
    host,
    docker,
    networkNamespace() {
      if (dockerd?.pid === undefined) throw new Error("the private dockerd does not run");
      return `/proc/${dockerd.pid}/ns/net`;
    },
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async copyImage(from, reference) {
      const archive = (await from.getImage(reference).get()) as Readable;
      const progress = (await docker.loadImage(archive)) as Readable;
      await once(progress.resume(), "end");
    },
    async dispose() {
      // What a killed engine left running is only found by its next start.
      if (dockerd === undefined) await start();
      for (const { Id } of await docker.listContainers({ all: true })) {
        await docker.getContainer(Id).remove({ force: true, v: true });
      }
      await end("SIGTERM");
      await containerd?.stop();
      unmountBelow(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function containerdOf(folder: string, tools?: string): Promise<PrivateContainerd | undefined> {
  if (tools === undefined || !existsSync(join(tools, "containerd"))) return undefined;
  return await startPrivateContainerd(folder, tools);
}

/** A namespace of its own keeps it apart where the machine's containerd serves several engines. */
function ownPlaces(folder: string, host: string): readonly string[] {
  const namespace = `workstation-${randomBytes(4).toString("hex")}`;
  return [
    ...["--host", host],
    ...["--data-root", join(folder, "data")],
    ...["--exec-root", join(folder, "exec")],
    ...["--pidfile", join(folder, "pid")],
    ...["--containerd-namespace", namespace],
    ...["--containerd-plugins-namespace", `${namespace}-plugins`],
    ...["--config-file", join(folder, "config.json"), "--userland-proxy=false"],
  ];
}

const withoutNetwork = ["--bridge=none", "--iptables=false", "--ip-masq=false"];

/** An address that is not loopback, as a machine has; no way leads out, so that whoever asks for one hears so at once. */
const plugIn = `
  ip link set lo up
  ip link add machine0 type veth peer name nowhere0
  ip address add 10.213.240.1/24 dev machine0
  ip link set machine0 up
  ip link set nowhere0 up
  exec "$@"`;

/**
 * In a network namespace of its own: a dockerd without a bridge deletes the machine's `docker0`, whoever uses it.
 * It ends with the process that started it, however that ends.
 */
function launch(folder: string, argv: readonly string[], tools: string | undefined): ChildProcess {
  rmSync(join(folder, "pid"), { force: true });
  const log = openSync(join(folder, "log"), "a");
  const path = [tools, process.env.PATH].filter((each) => each !== undefined).join(":");
  try {
    return spawn("setpriv", ["--pdeathsig", "TERM", "unshare", "--net", "--", ...argv], {
      stdio: ["ignore", log, log],
      env: { ...process.env, PATH: path },
    });
  } finally {
    closeSync(log);
  }
}

async function untilItAnswers(folder: string, host: string, dockerd: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    if (dockerd.exitCode !== null) break;
    try {
      await connectDocker(host);
      return;
    } catch {
      await pause(100);
    }
  }
  throw new Error(
    `the private dockerd does not answer:\n${readFileSync(join(folder, "log"), "utf8").slice(-2000)}`,
  );
}

/** It dies with its dockerd, a moment later; a next dockerd that finds its pid alive would wait for it in vain. */
async function untilContainerdIsGone(folder: string): Promise<void> {
  const file = join(folder, "exec/containerd/containerd.pid");
  while (existsSync(file) && isAlive(readFileSync(file, "utf8"))) await pause(20);
  rmSync(file, { force: true });
}

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${Number(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Deepest first. */
function unmountBelow(folder: string): void {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const ours = mounts.map((line) => line.split(" ")[1] ?? "").filter((path) => path.startsWith(`${folder}/`));
  for (const path of ours.toSorted().toReversed()) execFileSync("umount", ["--lazy", path]);
}
