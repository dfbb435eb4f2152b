import type { Core } from "../core/core.ts";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { User } from "../platforms/user.ts";
import type { JobRecord } from "../queue/index.ts";

/** The user's job of this name. Another user's job does not exist: throws `NO_SUCH_JOB` for it as for any unknown one. */
export function findJob(core: Pick<Core, "records">, user: User, name: string): JobRecord {
  const record = core.records.find(user.name, name);
  if (record !== undefined) return record;
  const names = core.records.ofOwner(user.name).map((each) => each.spec.name);
  const hint =
    names.length === 0 ? "you have no jobs" : `your jobs: ${names.slice(-10).join(", ")}; see: jobman list`;
  throw new ApiError("NO_SUCH_JOB", `you have no job ${shown(name)}`, { hint });
}
