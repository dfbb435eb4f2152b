import { statfs } from "node:fs/promises";

/** The last bytes of the state's file system: kept for what must be written, whoever fills the rest. */
export interface Reserve {
  /** What lies on that file system, for messages. */
  readonly place: string;
  /** True when no more than the reserve is left: what can wait is not written then. */
  isTouched(): Promise<boolean>;
}

const mostBytes = 64 * 1024 * 1024;
const share = 0.01;

/** The reserve of the file system of `folder`: 64 MiB, on a small one 1 % of it. */
export function reserveOf(folder: string): Reserve {
  return {
    place: folder,
    isTouched: async () => {
      const { bavail, blocks, bsize } = await statfs(folder);
      return bavail * bsize < Math.min(mostBytes, share * blocks * bsize);
    },
  };
}
