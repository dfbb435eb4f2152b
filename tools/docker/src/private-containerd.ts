import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A containerd of a private engine's own. */
export interface PrivateContainerd {
  /** Its socket, for dockerd's `--containerd`. */
  readonly address: string;
  /** Ends it; containers do not end with it. */
  stop(): Promise<void>;
}

/** Starts the containerd of the folder `tools`: dockerd would take the machine's where one runs, of whatever age. */
export async function startPrivateContainerd(folder: string, tools: string): Promise<PrivateContainerd> {
  const place = join(folder, "containerd");
  const address = join(place, "containerd.sock");
  mkdirSync(place);
  writeFileSync(join(place, "config.toml"), configuration);
  const output = openSync(join(place, "log"), "a");
  const places = ["--root", join(place, "root"), "--state", join(place, "state"), "--address", address];
  const argv = [...places, "--config", join(place, "config.toml")];
  const process = spawnWith(tools, argv, output);
  closeSync(output);
  await untilThere(address, process, join(place, "log"));
  return {
    address,
    async stop() {
      if (process.exitCode !== null || process.signalCode !== null) return;
      const gone = once(process, "exit");
      process.kill("SIGTERM");
      await gone;
    },
  };
}

/** What serves Kubernetes stays out, and so does what writes beside its own folders. */
const configuration = `version = 3
disabled_plugins = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.cri.v1.images",
  "io.containerd.cri.v1.runtime",
  "io.containerd.internal.v1.opt",
  "io.containerd.nri.v1.nri",
]
`;

function spawnWith(tools: string, argv: readonly string[], output: number): ChildProcess {
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
  return spawn("setpriv", ["--pdeathsig", "TERM", join(tools, "containerd"), ...argv], {
    stdio: ["ignore", output, output],
    env,
  });
}

async function untilThere(address: string, process: ChildProcess, log: string): Promise<void> {
  for (let attempt = 0; attempt < 600 && process.exitCode === null; attempt += 1) {
    if (existsSync(address)) return;
    await pause(50);
  }
  throw new Error(`the private containerd does not answer:\n${readFileSync(log, "utf8").slice(-2000)}`);
}
