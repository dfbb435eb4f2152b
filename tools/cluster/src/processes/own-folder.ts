import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder that is removed with this process, however that ends. */
export interface OwnFolder {
  readonly path: string;
  remove(): void;
}

/** Makes one that only this account can read. */
export function makeOwnFolder(prefix: string): OwnFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const guard = spawn("sh", ["-c", guardScript, "sh", path], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
      guard.stdin.destroy();
    },
  };
}

/** Its input ends when the process that holds the other end does; those that still write there die at the same moment. */
const guardScript = `
  cat >/dev/null
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1" && exit
    sleep 0.2
  done`;
