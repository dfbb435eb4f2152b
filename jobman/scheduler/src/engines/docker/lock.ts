import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { platform } from "node:os";
import { exitCodes, UserError } from "@workstation/cli";

/** Who holds a lock, as it says itself. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface SchedulerLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only scheduler of an instance on an engine, until it ends in whatever way: the lock is a
 * socket in the kernel's abstract namespace (unix(7)), which goes with its process. It is seen by all processes of
 * the same network namespace. Throws `SCHEDULER_RUNNING`, which names the holder, and `LOCK_UNSUPPORTED`.
 */
export async function lockScheduler(
  key: { readonly instance: string; readonly engineId: string },
  holder: LockHolder,
): Promise<SchedulerLock> {
  if (platform() !== "linux") throw unsupported();
  const name = socketName(key);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.end(JSON.stringify(holder));
  });
  server.unref();
  try {
    await listen(server, name);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EADDRINUSE") throw error;
    throw alreadyRunning(key.instance, await askHolder(name));
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Hashed, because such a name has at most 107 bytes. */
function socketName(key: { readonly instance: string; readonly engineId: string }): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([key.instance, key.engineId]))
    .digest("hex");
  return `\0workstation-scheduler/${digest}`;
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path }, () => resolve());
  });
}

/** What the holder says; a holder that hangs or is no scheduler says nothing. */
function askHolder(path: string): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ path });
    socket.setTimeout(answerTimeout, () => socket.destroy());
    socket.on("data", (bytes) => {
      text = `${text}${bytes}`.slice(0, 1000);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
}

const answerTimeout = 2_000;

function alreadyRunning(instance: string, answer: string): UserError {
  return new UserError(
    "SCHEDULER_RUNNING",
    `a scheduler of instance "${instance}" runs already: ${describe(answer)}`,
    {
      hint: "stop it first, or choose another --instance",
      exitCode: exitCodes.unavailable,
    },
  );
}

function describe(answer: string): string {
  try {
    const holder = JSON.parse(answer) as Partial<LockHolder>;
    return `process ${Number(holder.pid)} of ${JSON.stringify(holder.user)}, since ${JSON.stringify(holder.since)}`;
  } catch {
    return "it does not say which process it is";
  }
}

function unsupported(): UserError {
  return new UserError("LOCK_UNSUPPORTED", `a scheduler cannot be locked on ${platform()}`, {
    hint: "run jobman-scheduler on Linux, on the machine of the Docker Engine",
    exitCode: exitCodes.unavailable,
  });
}
