import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";

interface Hindrance {
  readonly make: (path: string) => void;
  /** What the scripts say of it where so many bytes are allowed. */
  readonly fault: (limit: number) => string;
}

const notRegular = () => "it is no regular file";

/** What somebody may put in the place of a small file so that its reader waits, fails or fills the memory. */
export const hindrances: Readonly<Record<string, Hindrance>> = {
  "a FIFO": { make: (path) => execFileSync("mkfifo", ["-m", "666", path]), fault: notRegular },
  "a link to a FIFO": {
    make: (path) => {
      execFileSync("mkfifo", ["-m", "666", `${path}.fifo`]);
      symlinkSync(`${path}.fifo`, path);
    },
    fault: notRegular,
  },
  "a folder": { make: (path) => mkdirSync(path), fault: notRegular },
  "a link to a device": { make: (path) => symlinkSync("/dev/zero", path), fault: notRegular },
  "a link to nothing": { make: (path) => symlinkSync("/nowhere", path), fault: () => "it is not there" },
  "2 GB": {
    make: (path) => {
      writeFileSync(path, "");
      truncateSync(path, 2e9);
    },
    fault: (limit) => `it is larger than ${limit} bytes`,
  },
};
