import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import leanFlags from "../../../jobman/scheduler/bin/lean-flags.json" with { type: "json" };
import { projectPath } from "../../start/context.ts";
import { end, freePorts, usageOf } from "./process.ts";
import type { Account, World } from "./world.ts";

/** The scheduler as a process that finds itself in a pod: its account lies where a kubelet puts it, so nothing else is loaded. */
export interface SchedulerInPod {
  readonly startedAt: number;
  /** HTTPS of the users. */
  readonly port: number;
  /** Resident bytes now, and seconds of processor time since the start. */
  usage(): { readonly residentBytes: number; readonly cpuSeconds: number };
  log(): string;
  stop(): Promise<void>;
}

/** As the image starts it: one file, which is made here anew, and Node told to keep little. */
const program = "jobman/scheduler/dist/jobman-scheduler.mjs";
const makeProgram = "jobman/scheduler/bin/make-bundle.mjs";
/** The folder is there for this process alone, and goes with it; it ends with the bench. */
const inPod = [
  "mount -t tmpfs -o mode=755 tmpfs /run",
  "mkdir -p /run/secrets/kubernetes.io/serviceaccount",
  'cp "$0"/* /run/secrets/kubernetes.io/serviceaccount/',
  'exec setpriv --pdeathsig KILL "$@"',
].join(" && ");

/** Starts it and resolves when it says that it is ready. */
export async function startSchedulerInPod(
  world: World,
  accountFile: string,
  instance: string,
): Promise<SchedulerInPod> {
  execFileSync(process.execPath, [projectPath(makeProgram)]);
  const folder = mkdtempSync(join(world.controlPlane.folder, "scheduler-"));
  const account = writeAccount(folder, accountFile);
  const certificate = await world.controlPlane.issue({ name: "scheduler", hosts: ["127.0.0.1"] });
  copyFileSync(certificate.certificateFile, join(folder, "tls.crt"));
  copyFileSync(certificate.keyFile, join(folder, "tls.key"));
  const [port = 0, operator = 0, metrics = 0] = await freePorts(3);
  const startedAt = Date.now();
  const lines: string[] = [];
  const child = spawn(
    "unshare",
    [
      ...["--map-root-user", "--mount", "sh", "-c", inPod, account.folder, process.execPath, ...leanFlags],
      ...[projectPath(program), "serve", "--engine", "kubernetes", "--site", world.file, "--tls", folder],
      ...["--instance", instance, "--listen", `127.0.0.1:${port}`],
      ...["--operator", `127.0.0.1:${operator}`, "--metrics", `127.0.0.1:${metrics}`],
    ],
    {
      env: { ...process.env, ...account.environment, MALLOC_ARENA_MAX: "1" },
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  child.stderr?.on("data", (chunk) => lines.push(String(chunk)));
  await untilReady(child, metrics, lines);
  return {
    ...{ startedAt, port },
    log: () => lines.join(""),
    usage: () => usageOf(child),
    stop: () => end(child),
  };
}

function writeAccount(folder: string, accountFile: string) {
  const { server, certificateAuthority, token }: Account = JSON.parse(readFileSync(accountFile, "utf8"));
  const account = mkdtempSync(join(folder, "account-"));
  writeFileSync(join(account, "ca.crt"), certificateAuthority);
  writeFileSync(join(account, "token"), token, { mode: 0o600 });
  const { hostname, port } = new URL(server);
  return {
    folder: account,
    environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
  };
}

async function untilReady(child: ChildProcess, port: number, lines: readonly string[]): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the scheduler ended: ${lines.join("")}`);
}
