import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const script = join(import.meta.dirname, "job-process.sh");

/** Sources the real script, sends itself `signal` when the traps are set and before the command is there, and runs it. */
function accompany(signal: string, command: readonly string[]): Promise<number> {
  const line = `
    . "\${1%/*}/pipe.sh"; . "$1"; early=$2; shift 2; set -euo pipefail
    eval "set_traps() $(declare -f pass_signals_on | tail -n +2)"
    pass_signals_on() { set_traps; kill -s "$early" $$; }
    accompany_command "$@"`;
  return new Promise((resolve) => {
    const argv = ["-c", line, "bash", script, signal, ...command];
    execFile("bash", argv, (error) => resolve(typeof error?.code === "number" ? error.code : 0));
  });
}

test.each([
  ["TERM", 143],
  ["INT", 130],
  ["USR1", 138],
])("%s that comes just before the command is kept for it", async (signal, code) => {
  expect(await accompany(signal, ["sleep", "60"])).toBe(code);
});

test("a signal whose number has no name is kept too", async () => {
  expect(await accompany("40", ["sleep", "60"])).toBe(168);
});

test("a signal that the command does not mind changes nothing", async () => {
  expect(await accompany("WINCH", ["sh", "-c", "exit 4"])).toBe(4);
});
