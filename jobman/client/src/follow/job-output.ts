import type { Io, Output } from "../io.ts";
import type { LogPiece } from "../protocol/index.ts";
import { gapLine } from "./gap-line.ts";
import { createMarkerFilter } from "./marker-filter.ts";

/** Where a job's output and what is said about the job meet. */
export interface JobOutput {
  /**
   * Writes output as the job wrote it, to the same stream, and a line on stderr where some is missing. Resolves when
   * there is room for more.
   */
  write(piece: LogPiece): Promise<void> | undefined;
  /** For a reporter: writes to stderr, on a line of its own also where the job has not ended its last one. */
  readonly status: { write(text: string): unknown };
  /** Call when all of the output was written: what was held back comes. */
  finish(): void;
  /** Ends the job's last line, where what comes next on stderr would else stand behind it. */
  endLine(): void;
}

/** With `quiet` the lines in which `init.sh` is announced are left out. */
export function createJobOutput(io: Io, options: { readonly quiet: boolean }): JobOutput {
  const isOne = isOneTerminal(io) || io.isOneOutput();
  const unfinished = { stdout: false, stderr: false };
  const filter = options.quiet ? createMarkerFilter() : undefined;
  const put = (stream: "stdout" | "stderr", data: string | Buffer): Promise<void> | undefined => {
    if (data.length === 0) return undefined;
    const isOpen = typeof data === "string" ? !data.endsWith("\n") : data.at(-1) !== 10;
    if (isOne) unfinished.stdout = isOpen;
    unfinished[stream] = isOpen;
    const to: Output = io[stream];
    to.write(data);
    return to.drained?.();
  };
  const finish = (): void => void put("stderr", filter?.rest() ?? "");
  const endLine = (): void => {
    finish();
    if (unfinished.stderr || (isOne && unfinished.stdout)) io.stderr.write("\n");
    unfinished.stderr = false;
    if (isOne) unfinished.stdout = false;
  };
  const say = (text: string): unknown => {
    endLine();
    return io.stderr.write(text);
  };
  return {
    finish,
    endLine,
    status: { write: say },
    write: (piece) => {
      if ("gone" in piece) return void say(`${gapLine(piece.gone)}\n`);
      const data = "data" in piece ? piece.data : Buffer.from(piece.base64, "base64");
      if (piece.stream === "stdout" || filter === undefined) return put(piece.stream, data);
      return put("stderr", filter.pass(data));
    },
  };
}

/** What the job left open on stdout is open for stderr, too. */
function isOneTerminal(io: Io): boolean {
  return io.stdout.isTTY === true && io.stderr.isTTY !== false;
}
