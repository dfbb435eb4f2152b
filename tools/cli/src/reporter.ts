import { safeText } from "./redact.ts";
import { formatDuration } from "./units.ts";

/** What a reporter needs of a stream; `process.stderr` fits, so does a test's buffer. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/**
 * Tells a person what goes on. Data never passes here: stdout belongs to the command. What is said is made safe to show:
 * secrets are redacted, control characters escaped.
 */
export interface Reporter {
  /** Announces a step, runs it, and says how long it took or that it failed; the step may report details of its own. */
  step<T>(title: string, work: (reporter: Reporter) => Promise<T>): Promise<T>;
  info(line: string): void;
  warn(line: string): void;
  /** A line that replaces itself on a terminal; elsewhere at most one every ten seconds is printed. */
  progress(line: string): void;
}

/** A reporter that writes to `sink` (usually stderr); `now` gives milliseconds and is a parameter for tests. */
export function createReporter(sink: TextSink, now: () => number = Date.now): Reporter {
  return makeReporter({ sink, now, live: false, lastProgress: Number.NEGATIVE_INFINITY }, "");
}

interface ReporterState {
  readonly sink: TextSink;
  readonly now: () => number;
  live: boolean;
  lastProgress: number;
}

const quietProgressInterval = 10_000;

function makeReporter(state: ReporterState, indent: string): Reporter {
  const line = (text: string): void => {
    clearLive(state);
    state.sink.write(`${indent}${safeText(text)}\n`);
  };
  return {
    info: line,
    warn: (text) => line(`warning: ${text}`),
    progress: (text) => showProgress(state, `${indent}${safeText(text)}`),
    step: (title, work) => runStep({ state, indent, line, title }, work),
  };
}

async function runStep<T>(
  step: { state: ReporterState; indent: string; line: (text: string) => void; title: string },
  work: (reporter: Reporter) => Promise<T>,
): Promise<T> {
  const started = step.state.now();
  const elapsed = (): string => formatDuration((step.state.now() - started) / 1000);
  step.line(`- ${step.title}`);
  try {
    const result = await work(makeReporter(step.state, `${step.indent}  `));
    step.line(`  done: ${step.title} (${elapsed()})`);
    return result;
  } catch (error) {
    step.line(`  failed: ${step.title} (after ${elapsed()})`);
    throw error;
  }
}

function showProgress(state: ReporterState, text: string): void {
  if (state.sink.isTTY === true) {
    state.sink.write(`\r\u001b[2K${text.slice(0, 120)}`);
    state.live = true;
  } else if (state.now() - state.lastProgress >= quietProgressInterval) {
    state.lastProgress = state.now();
    state.sink.write(`${text}\n`);
  }
}

function clearLive(state: ReporterState): void {
  if (state.live) state.sink.write("\r\u001b[2K");
  state.live = false;
}
