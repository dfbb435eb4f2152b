import { EventEmitter } from "node:events";
import type { Io, Output } from "../io.ts";
import { runJobman } from "../run-jobman.ts";

/** What a command run in the test's own process left behind. */
export interface CommandRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The world of one command run: its output so far, and the events that a test can cause. */
export interface World {
  readonly io: Io;
  stdout(): string;
  stderr(): string;
  /** Emits `text` after each write. */
  readonly said: EventEmitter;
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Closes the reader of stdout, as `| head` does. */
  closeReader(): void;
  /** The code that the process was ended with at once, if it was. */
  abandonedWith(): number | undefined;
}

export function createWorld(
  environment: Readonly<Record<string, string>> = {},
  options: {
    readonly now?: () => number;
    readonly isTerminal?: boolean;
    readonly isOneOutput?: boolean;
  } = {},
): World {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const interrupts = new Set<() => void>();
  const readers = new Set<() => void>();
  const said = new EventEmitter();
  let abandoned: number | undefined;
  return {
    io: {
      stdout: { ...collector(stdout, said), isTTY: options.isTerminal === true },
      stderr: collector(stderr, said),
      isOneOutput: () => options.isOneOutput === true,
      environment,
      now: options.now ?? Date.now,
      onInterrupt: subscriber(interrupts),
      onReaderGone: subscriber(readers),
      abandon: (exitCode) => {
        abandoned ??= exitCode;
      },
    },
    stdout: () => stdout.join(""),
    stderr: () => stderr.join(""),
    said,
    interrupt: () => call(interrupts),
    closeReader: () => call(readers),
    abandonedWith: () => abandoned,
  };
}

/** Runs a command line to its end, against the scheduler at `socket`. */
export async function runCommandLine(
  words: readonly string[],
  socket: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<CommandRun> {
  const world = createWorld({ JOBMAN_SOCKET: socket, ...environment });
  const exitCode = await runJobman(words, world.io);
  return { exitCode, stdout: world.stdout(), stderr: world.stderr() };
}

function collector(parts: string[], said: EventEmitter): Output {
  const write = (data: string | Uint8Array) => {
    parts.push(typeof data === "string" ? data : Buffer.from(data).toString("utf8"));
    said.emit("text");
  };
  return { write };
}

function subscriber(listeners: Set<() => void>): Io["onInterrupt"] {
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

function call(listeners: ReadonlySet<() => void>): void {
  for (const listener of listeners) listener();
}
