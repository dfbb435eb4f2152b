import type { Io } from "../io.ts";
import type { LogLine } from "../protocol/index.ts";

/** Where a followed job's output and what is said about the job meet. */
export interface JobOutput {
  /** Writes output as the job wrote it, to the same stream. */
  write(line: LogLine): void;
  /** For a reporter: writes to stderr, on a line of its own also where the job has not ended its last one. */
  readonly status: { write(text: string): unknown };
}

export function createJobOutput(io: Io): JobOutput {
  const unfinished = { stdout: false, stderr: false };
  return {
    write: (line) => {
      if (line.data === "") return;
      unfinished[line.stream] = !line.data.endsWith("\n");
      (line.stream === "stdout" ? io.stdout : io.stderr).write(line.data);
    },
    status: {
      write: (text) => {
        const shared = io.stdout.isTTY === true && unfinished.stdout;
        const start = unfinished.stderr || shared ? "\n" : "";
        unfinished.stderr = false;
        unfinished.stdout &&= !shared;
        return io.stderr.write(`${start}${text}`);
      },
    },
  };
}
