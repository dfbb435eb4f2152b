import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Stops a process where it is (SIGSTOP); resolves when none of its threads runs any more, which a busy machine delays. */
export async function hold(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP");
  while (process.platform === "linux" && !isHeld(pid)) await pause(5);
}

/** Lets a held process go on. */
export function letGo(pid: number): void {
  process.kill(pid, "SIGCONT");
}

/** So is one that ended meanwhile. */
function isHeld(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every(
      (thread) => !stateIn(`/proc/${pid}/task/${thread}/stat`).match(/[RSD]/),
    );
  } catch {
    return true;
  }
}

/** The letter after the program's name, which may hold blanks and brackets. */
function stateIn(file: string): string {
  return readFileSync(file, "utf8").replace(/.*\) /, "").slice(0, 1);
}
