import type { AppendFile } from "../../../files/append-file.ts";
import type { LineSink } from "../../../files/line-sink.ts";
import { oneAtATime } from "../../../mutex/one-at-a-time.ts";
import type { AuditWriter } from "./audit-writer.ts";

/** What the audit lines of several replicas depend on; where they go is what is written to. */
export interface AuditSinkOptions extends AuditWriter {
  readonly leads: () => boolean;
  /** Until when (ISO 8601) a leader has written all ends and starts, which the next one finds. */
  readonly writtenUntil: { get(): string | undefined; set(text: string): void };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface AuditSink extends LineSink {
  /** Writes what is due now. Throws what `write` throws. */
  look(): Promise<void>;
}

/**
 * One audit of several replicas, who all see each job start and end. Whoever leads writes it; the others keep what they see
 * until the leader has, so that what it did not is written by the next. A line can be there twice, never not at all. What
 * one replica alone knows, such as a refusal, it writes itself.
 */
export function auditSink(options: AuditSinkOptions): AuditSink {
  const state: SinkState = { ...options, kept: [], inTurn: oneAtATime(), since: options.now() };
  const look = (): Promise<void> => state.inTurn(() => settle(state));
  const file: AppendFile = {
    append: async (text) => {
      const lines = text.split("\n").filter((line) => line !== "");
      const own = lines.filter((line) => timeOf(line) === undefined);
      if (own.length > 0) await options.write(`${own.join("\n")}\n`);
      for (const line of lines) keep(state, line);
      // What is kept is owed by us, and tried again with each look, which says what is wrong.
      await look().catch(() => undefined);
    },
    replace: async () => undefined,
    reopen: options.reopen,
    size: () => 0,
    close: look,
  };
  return { name: "the audit of the cluster", open: async () => file, read: async function* () {}, look };
}

interface SinkState extends AuditSinkOptions {
  kept: KeptLine[];
  readonly inTurn: ReturnType<typeof oneAtATime>;
  /** When this process began to hear (milliseconds since the epoch). */
  readonly since: number;
}

interface KeptLine {
  readonly line: string;
  /** When it was known here, or happened where it was there before us (milliseconds since the epoch). */
  readonly at: number;
}

/** What a replica hears in its first minute happened before it: then the time of the event counts. */
const beginningMs = 60_000;
/** A leader may be blind for a while before it is noticed: its watches for 90 s, its requests for some more. */
const marginMs = 300_000;
/** So many a replica keeps that does not lead; a leader's mark takes them away every few seconds. */
const mostKept = 100_000;

function keep(state: SinkState, line: string): void {
  const happened = timeOf(line);
  if (happened === undefined) return;
  const now = state.now();
  const at = now - state.since < beginningMs ? Math.min(happened, now) : now;
  state.kept.push({ line, at });
  if (state.kept.length > 2 * mostKept) state.kept = state.kept.slice(-mostKept);
}

async function settle(state: SinkState): Promise<void> {
  const until = Date.parse(state.writtenUntil.get() ?? "") - marginMs;
  const due = state.kept.filter(({ at }) => Number.isNaN(until) || at >= until);
  state.kept = state.leads() ? [] : due;
  if (!state.leads()) return;
  const at = new Date(state.now()).toISOString();
  try {
    if (due.length > 0) await state.write(due.map(({ line }) => `${line}\n`).join(""));
  } catch (error) {
    state.kept = due.concat(state.kept);
    throw error;
  }
  if (state.kept.length === 0) state.writtenUntil.set(at);
}

/** Of a start or an end, which every replica sees; undefined for anything else. */
function timeOf(line: string): number | undefined {
  const { event, startedAt, endedAt } = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
  if (event === "start") return Date.parse(startedAt ?? "");
  return event === "end" ? Date.parse(endedAt ?? "") : undefined;
}
