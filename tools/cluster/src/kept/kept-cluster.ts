import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Certificate } from "../certificates/authority.ts";
import { insistOnPrograms } from "../cluster/cluster.ts";
import { type Ask, asker } from "../control-plane/ask.ts";
import { importImage } from "../node/import-image.ts";
import { findNodePrograms } from "../programs/node-programs.ts";

/** A cluster that stays after the command that started it. */
export interface KeptCluster {
  /** Of the process that keeps it: with that it ends, however that ends. */
  readonly pid: number;
  readonly url: string;
  /** Of an administrator; the file is as private as its folder. */
  readonly kubeconfig: string;
  /** PEM. */
  readonly certificateAuthority: string;
  /** Files of an administrator's certificate. */
  readonly administrator: Certificate;
  /** Logs of containerd, kubelet and kube-proxy are there. */
  readonly nodeFolder: string;
  readonly podRange: string;
  readonly serviceRange: string;
}

/** The cluster whose state is in `folder`: the one that runs, or a new one when there is none. Throws as `startCluster` does. */
export async function keepCluster(folder: string): Promise<KeptCluster> {
  const found = findKeptCluster(folder);
  if (found !== undefined) return found;
  insistOnPrograms();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(stateFile(folder), { force: true });
  const keeper = launch(folder);
  while (keeper.exitCode === null && keeper.signalCode === null) {
    const kept = findKeptCluster(folder);
    if (kept !== undefined) return kept;
    await pause(100);
  }
  throw new Error(`the cluster ended at once:\n${readFileSync(logFile(folder), "utf8").slice(-3000)}`);
}

/** The cluster of that folder, if it runs. */
export function findKeptCluster(folder: string): KeptCluster | undefined {
  if (!existsSync(stateFile(folder))) return undefined;
  const state = JSON.parse(readFileSync(stateFile(folder), "utf8")) as KeptCluster;
  return keeps(state.pid, folder) ? state : undefined;
}

/** Ends it and all that it made on this machine; false when there is none. */
export async function removeKeptCluster(folder: string): Promise<boolean> {
  const found = findKeptCluster(folder);
  if (found === undefined) return false;
  process.kill(found.pid, "SIGTERM");
  while (keeps(found.pid, folder)) await pause(50);
  return true;
}

/** Asks its API server, as an administrator. */
export function askKept({ url, certificateAuthority, administrator }: KeptCluster): Ask {
  return asker(url, certificateAuthority, administrator);
}

/** Brings it an image of the local Docker Engine. */
export function importImageToKept({ nodeFolder }: KeptCluster, reference: string): Promise<void> {
  return importImage(reference, { folder: nodeFolder, programs: findNodePrograms() });
}

export const stateFile = (folder: string): string => join(folder, "cluster.json");

const logFile = (folder: string): string => join(folder, "cluster.log");

const keeperFile = join(import.meta.dirname, "keeper.ts");

function launch(folder: string) {
  const log = openSync(logFile(folder), "w");
  try {
    const argv = [keeperFile, folder];
    const keeper = spawn(process.execPath, argv, { detached: true, stdio: ["ignore", log, log] });
    keeper.unref();
    return keeper;
  } finally {
    closeSync(log);
  }
}

/** A number alone may be another process's by now. */
function keeps(pid: number, folder: string): boolean {
  try {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return argv.includes(keeperFile) && argv.includes(folder);
  } catch {
    return false;
  }
}
