import type { AppendFile } from "../../../files/append-file.ts";
import type { LineSink } from "../../../files/line-sink.ts";

/** What the audit lines of several replicas depend on. */
export interface AuditSinkOptions {
  /** Where lines go: resolves when they are out of this process's hands. */
  readonly write: (text: string) => Promise<void>;
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
  const kept: KeptLine[] = [];
  const look = (): Promise<void> => settle(options, kept);
  const file: AppendFile = {
    append: async (text) => {
      const lines = text.split("\n").filter((line) => line !== "");
      const own = lines.filter((line) => timeOf(line) === undefined);
      if (own.length > 0) await options.write(`${own.join("\n")}\n`);
      for (const line of lines) {
        const at = timeOf(line);
        if (at !== undefined) kept.push({ line, at });
      }
      await look();
    },
    replace: async () => undefined,
    reopen: async () => undefined,
    size: () => 0,
    close: look,
  };
  return { name: "the audit of the cluster", open: async () => file, read: async function* () {}, look };
}

interface KeptLine {
  readonly line: string;
  /** When what it tells happened (milliseconds since the epoch). */
  readonly at: number;
}

/** Clocks of nodes differ, and news takes its time. */
const marginMs = 60_000;
/** So many a replica keeps that does not lead; a leader's mark takes them away every few seconds. */
const mostKept = 100_000;

async function settle(options: AuditSinkOptions, kept: KeptLine[]): Promise<void> {
  const until = Date.parse(options.writtenUntil.get() ?? "") - marginMs;
  const due = kept.splice(0).filter(({ at }) => Number.isNaN(until) || at >= until);
  if (!options.leads()) {
    kept.push(...due.slice(-mostKept));
    return;
  }
  const at = new Date(options.now()).toISOString();
  try {
    if (due.length > 0) await options.write(due.map(({ line }) => `${line}\n`).join(""));
  } catch (error) {
    kept.unshift(...due);
    throw error;
  }
  if (kept.length === 0) options.writtenUntil.set(at);
}

/** Of a start or an end, which every replica sees; undefined for anything else. */
function timeOf(line: string): number | undefined {
  const { event, startedAt, endedAt } = JSON.parse(line) as Readonly<Record<string, string | undefined>>;
  if (event === "start") return Date.parse(startedAt ?? "");
  return event === "end" ? Date.parse(endedAt ?? "") : undefined;
}
