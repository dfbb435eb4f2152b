import { printable, shorten } from "@workstation/cli";
import { pino } from "pino";

/** No line of ours is longer by itself. */
const longLine = 8192;

/**
 * A log of one JSON object a line. What a stranger wrote stays inside its string, whoever reads the lines,
 * and texts that are long are cut.
 */
export function createLogger(sink: { write(text: string): unknown }) {
  const level = process.env.JOBMAN_SCHEDULER_LOG ?? "info";
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => void sink.write(printable(line.length > longLine ? shortenTexts(line) : line)),
    },
  );
}

// An engine's error repeats paths, which may have megabytes, and does so in several of its fields.
function shortenTexts(line: string): string {
  const cut = (_: string, value: unknown): unknown => (typeof value === "string" ? shorten(value) : value);
  return `${JSON.stringify(JSON.parse(line, cut))}\n`;
}
