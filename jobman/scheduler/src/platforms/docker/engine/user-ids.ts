import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";

/**
 * Throws `ID_NOT_ALLOWED` for a job that would run as root or another account of the system. Users are checked where
 * they are read; this is the last line, also for jobs of earlier releases and for what stands in a container's labels.
 */
export function insistOnUserIds({ uid, gid }: Pick<JobSpec, "uid" | "gid">, site: Site): void {
  const { lowestId } = site.limits;
  if (uid >= lowestId && gid >= lowestId) return;
  throw new UserError("ID_NOT_ALLOWED", `a job of uid ${uid} and gid ${gid} is not run`, {
    hint: `ids below ${lowestId} (limits.lowestId in site.yaml) belong to accounts of the system`,
  });
}
