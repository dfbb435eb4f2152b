import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** How a program ended. `ended`: by itself, within its time and with 0. */
export interface QuietEnd {
  readonly ended: boolean;
  /** The end of what it complained of, at most a few hundred characters. */
  readonly words: string;
}

export interface QuietOptions {
  /** It is killed then. */
  readonly timeLimitMs: number;
  /** Takes what it writes; false ends it. */
  readonly onOutput?: (piece: string) => boolean;
}

/** Runs a program so that everything else on the machine goes first, for the processor and, where it can, for the disk. */
export function runQuietly(argv: readonly string[], options: QuietOptions): Promise<QuietEnd> {
  const [program = "", ...rest] = [...modestly(), ...argv];
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
    timeout: options.timeLimitMs,
    killSignal: "SIGKILL",
  });
  child.stdout.setEncoding("latin1").on("data", (piece: string) => {
    if (options.onOutput?.(piece) === false) child.kill("SIGKILL");
  });
  return endOf(child);
}

const keptWords = 400;

function endOf(child: ChildProcess): Promise<QuietEnd> {
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
    words = (words + piece).slice(-keptWords);
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ ended: false, words: error.message }));
    child.on("close", (code) => resolve({ ended: code === 0, words: words.trim() }));
  });
}

let found: readonly string[] | undefined;

function modestly(): readonly string[] {
  const place = (process.env.PATH ?? "").split(delimiter);
  found ??= [
    ["nice", "-n", "19"],
    ["ionice", "-c", "3", "-t"],
  ].flatMap((words) => (place.some((folder) => isProgram(join(folder, words[0] ?? ""))) ? words : []));
  return found;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
