import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";

/** The events of watches on their way, and what can befall them: each is a line. */
export interface WatchLines {
  /** Brings the lines of the watch at `path` to whoever asked for it, until either of them ends. */
  carry(path: string, from: Readable, to: Writable): Promise<void>;
  /** Those that are open say nothing any more, and stay open. */
  silence(): void;
  /** Ends those that are open, as a server does that restarts. */
  end(): void;
  /** Says on those that are open that what they know is too old. */
  tooOld(): void;
  /** From now on each event comes so much later than the one before, on paths that have `part` in them. */
  lag(milliseconds: number, part?: string): void;
  /** From now on each event comes again after the next ones. */
  repeat(times: number): void;
  /** How often the server itself said that what was known is too old. */
  tooOldByServer(): number;
}

interface OpenWatch {
  silent: boolean;
  readonly from: Readable;
  readonly to: Writable;
  readonly before: string[];
}

/** How far back an event may be that is told again. */
const remembered = 10;

export function createWatchLines(): WatchLines {
  const open = new Set<OpenWatch>();
  const manner = { lagMs: 0, part: "", times: 0 };
  let tooOldByServer = 0;
  return {
    carry: async (path, from, to) => {
      const watch: OpenWatch = { silent: false, from, to, before: [] };
      open.add(watch);
      to.on("close", () => from.destroy());
      try {
        for await (const line of linesOf(from)) {
          if (line.startsWith('{"type":"ERROR"') && line.includes('"code":410')) tooOldByServer += 1;
          if (manner.lagMs > 0 && path.includes(manner.part)) await pause(manner.lagMs);
          if (!watch.silent) to.write(`${[line, ...again(watch, line, manner.times)].join("\n")}\n`);
        }
        if (!watch.silent) to.end();
      } catch {
        to.destroy();
      } finally {
        open.delete(watch);
      }
    },
    silence: () => {
      for (const watch of open) watch.silent = true;
    },
    end: () => {
      for (const { from, to } of open) {
        to.end();
        from.destroy();
      }
    },
    tooOld: () => {
      for (const { to } of open) to.write(`${JSON.stringify({ type: "ERROR", object: tooOldStatus })}\n`);
    },
    lag: (milliseconds, part = "") => {
      manner.lagMs = milliseconds;
      manner.part = part;
    },
    repeat: (times) => {
      manner.times = times;
    },
    tooOldByServer: () => tooOldByServer,
  };
}

/** The API server's own words. */
const tooOldStatus = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  message: "too old resource version",
  reason: "Expired",
  code: 410,
};

function again({ before }: OpenWatch, line: string, times: number): readonly string[] {
  before.push(line);
  if (before.length > remembered) before.shift();
  return Array.from({ length: times }, () => before[Math.floor(Math.random() * before.length)] ?? line);
}

async function* linesOf(from: Readable): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of from) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines.filter((line) => line !== "");
  }
}
