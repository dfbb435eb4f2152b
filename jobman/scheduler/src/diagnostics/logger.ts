import { printable } from "@workstation/cli";
import { pino } from "pino";

/** A log of one JSON object a line. What a stranger wrote stays inside its string, whoever reads the lines. */
export function createLogger(sink: { write(text: string): unknown }) {
  const level = process.env.JOBMAN_SCHEDULER_LOG ?? "info";
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => void sink.write(printable(line)),
    },
  );
}
