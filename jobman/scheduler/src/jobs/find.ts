import { setTimeout as delay } from "node:timers/promises";
import type { Core } from "../core/core.ts";
import { ApiError } from "../errors/api-error.ts";
import { shown } from "../errors/shown.ts";
import type { User } from "../platforms/user.ts";
import type { JobRecord } from "../queue/index.ts";

/** The user's job of this name. Another user's job does not exist: throws `NO_SUCH_JOB` for it as for any unknown one. */
export async function findJob(
  core: Pick<Core, "records" | "engine">,
  user: User,
  name: string,
): Promise<JobRecord> {
  const record = core.records.find(user.name, name) ?? (await findElsewhere(core, user, name));
  if (record !== undefined) return record;
  const names = core.records.ofOwner(user.name).map((each) => each.spec.name);
  const hint =
    names.length === 0 ? "you have no jobs" : `your jobs: ${names.slice(-10).join(", ")}; see: jobman list`;
  throw new ApiError("NO_SUCH_JOB", `you have no job ${shown(name)}`, { hint });
}

/** What the engine finds becomes a record within a turn of the loop. */
const takeUpMs = 2000;

/** Another scheduler may have taken it a moment ago. */
async function findElsewhere(
  { engine, records }: Pick<Core, "records" | "engine">,
  user: User,
  name: string,
): Promise<JobRecord | undefined> {
  const id = await engine.lookFor?.(user.name, name);
  if (id === undefined) return undefined;
  const { promise: known, resolve } = Promise.withResolvers<void>();
  const stop = records.onChange((record) => {
    if (record.spec.id === id) resolve();
  });
  const patience = new AbortController();
  const late = delay(takeUpMs, undefined, { signal: patience.signal, ref: false }).catch(() => undefined);
  if (records.get(id) === undefined) await Promise.race([known, late]);
  patience.abort();
  stop();
  return records.get(id);
}
