import { readContainerLog } from "@workstation/docker";
import type { EngineJob } from "../engine.ts";
import type { EngineContext } from "./context.ts";

/** The entry point's last words when `init.sh` failed and the site lets that fail a job. */
export const initFailureWords = "the command was not run, because init.sh failed (policy: fail)";

const looksBackMs = 2000;
const readLimitMs = 30_000;

/**
 * Whether a container that ended failed before its command began. Its status file went with its memory, so its last
 * words tell; a command that says the same misleads nobody but its owner.
 */
export async function failedInInit(
  context: EngineContext,
  container: string,
  job: EngineJob,
): Promise<boolean> {
  if (context.site.limits.initPolicy !== "fail" || job.phase !== "ended" || job.exitCode === 0) return false;
  const since = new Date((job.endedAt ?? 0) - looksBackMs).toISOString();
  const options = { since, follow: false, signal: AbortSignal.timeout(readLimitMs) };
  let last = "";
  for await (const line of readContainerLog(context.docker, container, options)) {
    if (line.stream === "stderr") last = line.data.toString();
  }
  return last.includes(initFailureWords);
}
