import { $ } from "zx/core";
import { projectFolder } from "./places.ts";

/** Makes the base that tests start small containers of; where images stand on another, or it cannot be made, it is missing. */
export async function ensureBase(): Promise<void> {
  const quietly = $({ cwd: projectFolder, stdio: ["ignore", "ignore", "inherit"], nothrow: true });
  await quietly`node tools/images/bin/images.js base --if-missing`;
}
