import type { LogStore } from "../../../logs/log-store.ts";

/** The entry point's last words when `init.sh` failed and the site lets that fail a job. */
export const initFailureWords = "the command was not run, because init.sh failed (policy: fail)";

/** What became of `init.sh`; empty when it did not fail or there was none. */
export interface InitOutcome {
  /** Why it failed, in the words of the container's start. */
  readonly initError?: string;
  /** The command never began for it. */
  readonly stoppedJob?: true;
}

/** How the container's start begins to tell why `init.sh` failed. */
export const initErrorWords = "workstation: init.sh failed: ";

const spokenFirst = /^workstation: /m;
const markedStart = "workstation: ---- init.sh starts ----\n";
const markedEnd = "workstation: ---- init.sh ended ----\n";
const failure = /^workstation: init\.sh failed: (.*)$/m;
/** Our scripts speak early; the output of init.sh lies between their words. */
const firstWordsBytes = 65_536;
const searchedBytes = 16 * 1024 * 1024;
const wordsBehindEnd = 4096;

/**
 * Looks in what a job wrote for what the container's start says there of `init.sh`: its status file went with the
 * container's memory. A command that says the same misleads nobody but its owner.
 */
export async function readInitOutcome(logs: LogStore, id: string): Promise<InitOutcome> {
  let words = "";
  const options = { follow: false, signal: new AbortController().signal };
  for await (const entry of logs.read(id, options)) {
    if ("gone" in entry) break;
    if (entry.stream === "stderr") words += entry.bytes.toString("latin1");
    if (words.length > firstWordsBytes && !spokenFirst.test(words.slice(0, firstWordsBytes))) return {};
    const end = words.indexOf(markedEnd);
    if (entry.end.bytes > searchedBytes || (end >= 0 && words.length > end + wordsBehindEnd)) break;
  }
  return outcomeIn(words);
}

function outcomeIn(words: string): InitOutcome {
  const end = words.indexOf(markedEnd);
  // With markers the verdict stands behind them: what stands between was written by init.sh itself.
  if (end < 0 && words.includes(markedStart)) return {};
  const told = end < 0 ? words : words.slice(end, end + wordsBehindEnd);
  const why = failure.exec(told)?.[1];
  return {
    ...(why === undefined ? {} : { initError: Buffer.from(why, "latin1").toString().slice(0, 200) }),
    ...(told.includes(initFailureWords) ? { stoppedJob: true } : {}),
  };
}
