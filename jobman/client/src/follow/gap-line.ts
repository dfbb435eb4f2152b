import { formatBytes } from "@workstation/cli";
import type { LogGap } from "../protocol/index.ts";

/** One line for what is missing in a job's output. */
export function gapLine({ cause, lines, bytes, keptBytes }: LogGap): string {
  if (cause === "absence") return "… lines may be gone here: no scheduler ran when they were written …";
  if (cause === "rotation")
    return "… lines may be gone here: the job's node has begun a new file of its log …";
  const amount = lines === 1 ? "1 line" : `${lines.toLocaleString("en-US")} lines`;
  const why =
    cause === "limit"
      ? `the log keeps ${formatBytes(keptBytes)}`
      : "there was no room to store them; what the job wrote to its files is not concerned";
  return `… ${amount} (${formatBytes(bytes)}) ${lines === 1 ? "is" : "are"} gone here: ${why} …`;
}
