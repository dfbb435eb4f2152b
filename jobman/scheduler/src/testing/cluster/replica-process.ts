import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Site } from "@workstation/site";

/** A scheduler of an instance as a process of its own. */
export interface ReplicaProcess {
  readonly address: string;
  /** What it said last: one that is held says nothing new. */
  leads(): boolean;
  /** Ends it where it is, and waits until it has gone. */
  kill(): Promise<void>;
  /** Asks it to stop; resolves when it has gone. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
}

const program = fileURLToPath(new URL("./replica-main.ts", import.meta.url));

/** Starts one; resolves when it serves. */
export async function startReplicaProcess(options: {
  readonly kubeconfig: string;
  readonly site: Site;
  readonly instance: string;
}): Promise<ReplicaProcess> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  let leads = false;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if (said.address !== undefined) resolve(said.address);
    if (said.leads !== undefined) leads = said.leads;
  });
  void gone.then(() => reject(new Error("the replica ended before it served")));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return {
    address: await promise,
    leads: () => leads,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
  };
}
