import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";

/** Who holds a lock, as it says itself. */
export interface LockHolder {
  readonly pid: number;
  readonly user: string;
  /** ISO 8601. */
  readonly since: string;
  readonly instance: string;
}

export interface StateLock {
  release(): Promise<void>;
}

/**
 * Makes this process the only scheduler of a state folder until it ends, in whatever way: `<state>/lock` is locked with
 * flock(2), which the kernel undoes with the last descriptor. Only who may write the state folder can hold it. Throws
 * `SCHEDULER_RUNNING`, which names the holder, and `LOCK_UNSUPPORTED`.
 */
export async function lockState(state: string, holder: LockHolder): Promise<StateLock> {
  await mkdir(state, { recursive: true, mode: 0o700 });
  const file = join(state, "lock");
  const handle = await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    if (!(await tryLock(handle))) throw alreadyRunning(state, await readHolder(file));
    await nameHolder(handle, holder);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return { release: () => handle.close() };
}

/**
 * Node has no flock(2) of its own. util-linux' flock(1) locks the open file that it inherits from us, so that the lock
 * stays with our descriptor when that command has ended. False where another process holds it.
 */
function tryLock(handle: FileHandle): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const argv = ["--exclusive", "--nonblock", "--conflict-exit-code", String(heldCode), "3"];
    const child = spawn("flock", argv, {
      stdio: ["ignore", "ignore", "inherit", handle.fd],
      timeout: 10_000,
    });
    child.once("error", (error) => reject(unsupported(error.message)));
    child.once("exit", (code) => {
      if (code === 0 || code === heldCode) resolve(code === 0);
      else reject(unsupported(`flock ended with ${code}`));
    });
  });
}

const heldCode = 75;

// The lock holds without it: a full disk costs the next one a name, and nothing else.
async function nameHolder(handle: FileHandle, holder: LockHolder): Promise<void> {
  await handle
    .truncate()
    .then(() => handle.write(`${JSON.stringify(holder)}\n`, 0))
    .catch(() => undefined);
}

async function readHolder(file: string): Promise<string> {
  try {
    const { pid, user, since, instance } = JSON.parse(await readFile(file, "utf8")) as LockHolder;
    return `instance ${JSON.stringify(instance)}, process ${Number(pid)} of ${JSON.stringify(user)}, since ${since}`;
  } catch {
    return "it does not say which process it is";
  }
}

function alreadyRunning(state: string, who: string): UserError {
  return new UserError("SCHEDULER_RUNNING", `a scheduler serves ${state} already: ${who}`, {
    hint: "stop it first, or name other folders with --state and --run",
    exitCode: exitCodes.unavailable,
  });
}

function unsupported(why: string): UserError {
  return new UserError("LOCK_UNSUPPORTED", `the state folder cannot be locked: ${why}`, {
    hint: "jobman-scheduler needs the command flock (util-linux), and a file system under --state that has locks",
    exitCode: exitCodes.unavailable,
  });
}
