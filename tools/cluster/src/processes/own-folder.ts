import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterThisProcess } from "./after-this-process.ts";

/** A temporary folder that is removed with this process, however that ends. */
export interface OwnFolder {
  readonly path: string;
  remove(): void;
}

/** Makes one that only this account can read. */
export function makeOwnFolder(prefix: string): OwnFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const cancel = afterThisProcess(removal, [path]);
  return {
    path,
    remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 10 });
      cancel();
    },
  };
}

/** Those that still write there may live a moment longer. */
const removal = `
  for attempt in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf -- "$1" && exit
    sleep 0.2
  done`;
