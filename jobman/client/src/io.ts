import { fstatSync, writeSync } from "node:fs";
import { exitCodes, UserError } from "@workstation/cli";

/** A stream that a command writes to. */
export interface Output {
  /** Returns when the data was handed over: a slow reader slows the command down. */
  write(data: string | Uint8Array): unknown;
  /** Where handing over does not wait for the reader: resolves when the reader has caught up. */
  drained?(): Promise<void> | undefined;
  readonly isTTY?: boolean;
}

/** Starts calling `listener` at each such event, in place of what happens otherwise, until the returned function is called. */
type Subscribe = (listener: () => void) => () => void;

/** Everything that a command gets from the world, so that a test can be the world. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether stdout and stderr end in the same file, pipe or terminal (`2>&1`). */
  readonly isOneOutput: () => boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Ctrl-C; without a listener the process ends. */
  readonly onInterrupt: Subscribe;
  /** The reader of stdout went away (`| head`); without a listener the process ends quietly. */
  readonly onReaderGone: Subscribe;
  /** Ends the process at once. */
  readonly abandon: (exitCode: number) => void;
}

/** The process's own streams, environment and signals. */
export function processIo(): Io {
  const readerGone = new Set<() => void>();
  return {
    stdout: directOutput(1, () => process.stdout, readerGone),
    stderr: directOutput(2, () => process.stderr, readerGone),
    isOneOutput,
    environment: process.env,
    now: Date.now,
    onInterrupt: (listener) => {
      process.on("SIGINT", listener);
      return () => process.off("SIGINT", listener);
    },
    onReaderGone: (listener) => {
      readerGone.add(listener);
      return () => readerGone.delete(listener);
    },
    abandon: (exitCode) => process.exit(exitCode),
  };
}

/**
 * Writes straight to a descriptor, as Node's own streams do for files, terminals and pipes on Linux too; opening such
 * a stream costs a tenth of the command's start, so it is only opened where the descriptor refuses to wait.
 */
function directOutput(
  descriptor: number,
  stream: () => NodeJS.WriteStream,
  readerGone: ReadonlySet<() => void>,
): Output {
  let opened: NodeJS.WriteStream | undefined;
  return {
    get isTTY() {
      return mayBeTerminal(descriptor) && stream().isTTY;
    },
    drained: () => (opened?.writableNeedDrain === true ? catchesUp(opened) : undefined),
    write: (data) => {
      if (opened !== undefined) return opened.write(data);
      try {
        writeWhole(descriptor, typeof data === "string" ? Buffer.from(data) : data);
      } catch (error) {
        if (!(error instanceof WouldWait)) return leaveWithoutReader(error, readerGone);
        opened = stream().on("error", (fault) => leaveWithoutReader(fault, readerGone));
        opened.write(error.rest);
      }
    },
  };
}

/** A reader who went away is waited for no longer. */
function catchesUp(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ["drain", "close", "error"]) stream.once(event, () => resolve());
  });
}

function isOneOutput(): boolean {
  const [stdout, stderr] = [fstatSync(1), fstatSync(2)];
  return stdout.dev === stderr.dev && stdout.ino === stderr.ino;
}

function mayBeTerminal(descriptor: number): boolean {
  return fstatSync(descriptor).isCharacterDevice();
}

/** The descriptor does not block and is full; `rest` was not written. */
class WouldWait extends Error {
  readonly rest: Uint8Array;

  constructor(rest: Uint8Array) {
    super("the descriptor is full");
    this.rest = rest;
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (isFault(error, "EAGAIN")) throw new WouldWait(rest);
      throw error;
    }
  }
}

function leaveWithoutReader(error: unknown, readerGone: ReadonlySet<() => void>): void {
  if (!isFault(error, "EPIPE")) {
    throw new UserError("OUTPUT_FAILED", `the output cannot be written: ${String(error)}`, {
      exitCode: exitCodes.failure,
      cause: error,
    });
  }
  if (readerGone.size === 0) process.exit(exitCodes.ok);
  for (const listener of readerGone) listener();
}

function isFault(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
