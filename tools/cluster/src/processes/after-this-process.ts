import { spawn } from "node:child_process";

/** Takes back what `afterThisProcess` was told. */
export type Cancel = () => void;

/**
 * Has a shell run `script` when this process is gone, however it ended, with `values` as `$1` and so on. What was started to
 * end with this process ends at the same moment, not before it.
 */
export function afterThisProcess(script: string, values: readonly string[]): Cancel {
  // Its input ends when the process that holds the other end does.
  const shell = spawn("sh", ["-c", `read -r cancelled || { ${script}\n}`, "sh", ...values], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  shell.stdin.on("error", () => undefined);
  return () => void shell.stdin.end("cancelled\n");
}
