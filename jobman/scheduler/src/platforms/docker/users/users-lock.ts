import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { openError } from "../../../files/storage-error.ts";

const patienceSeconds = 20;

/**
 * Runs `change` while nobody else changes the users of a state folder, in this process or another: two operators who
 * add users at the same moment must not give both the same uid. Throws `USERS_BUSY` after 20 s.
 */
export async function changeUsers<T>(state: string, change: () => Promise<T>): Promise<T> {
  const handle = await openLock(state);
  try {
    await lock(handle, state);
    return await change();
  } finally {
    // flock(2) goes with the last descriptor, after kill -9, too.
    await handle.close();
  }
}

async function openLock(state: string): Promise<FileHandle> {
  const file = join(state, "users.lock");
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
    return await open(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  } catch (error) {
    throw openError(file, error);
  }
}

// Node has no flock(2) of its own: util-linux' flock(1) locks the open file that it inherits from us.
function lock(handle: FileHandle, state: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const argv = ["--exclusive", "--timeout", String(patienceSeconds), "3"];
    const child = spawn("flock", argv, { stdio: ["ignore", "ignore", "inherit", handle.fd] });
    child.once("error", (error) => reject(cannotLock(state, error.message)));
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(cannotLock(state, `somebody else has been changing them for ${patienceSeconds} s`));
    });
  });
}

function cannotLock(state: string, why: string): UserError {
  return new UserError("USERS_BUSY", `the users of ${state} cannot be changed now: ${why}`, {
    hint: "try again; this needs the command flock (util-linux)",
    exitCode: exitCodes.tryLater,
  });
}
