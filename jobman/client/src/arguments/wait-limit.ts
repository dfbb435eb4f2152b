import { parseDuration, UserError } from "@workstation/cli";
import type { Arguments } from "./specification.ts";

/** Seconds of `--timeout`, which only means something together with the option that waits. Throws `USAGE`, `UNIT_INVALID`. */
export function waitLimit(given: Arguments, waitingOption: "wait" | "follow"): number | undefined {
  const text = given.value("timeout");
  if (text === undefined) return undefined;
  if (!given.has(waitingOption)) {
    throw new UserError("USAGE", `--timeout ${text} says how long to wait: it needs --${waitingOption}`);
  }
  return parseDuration(text);
}
