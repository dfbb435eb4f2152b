import { isActive } from "@workstation/jobman/protocol";
import type { JobRecord, QueueSnapshot } from "./model.ts";

/** `USER_LIMIT`: the owner is at the cap; `NAME_TAKEN`: a record of the owner has the name, until the owner removes it. */
export type SubmitCheck =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly code: "USER_LIMIT" | "NAME_TAKEN";
      readonly message: string;
      readonly hint: string;
    };

/**
 * Whether `owner` may submit a job called `name` now. Counts the owner's jobs that wait, start or run, over all
 * flavors. The caller holds its lock from the snapshot until the job is in the store: that makes the cap exact.
 */
export function checkSubmit(
  snapshot: QueueSnapshot,
  request: { readonly owner: string; readonly name: string },
): SubmitCheck {
  const own = snapshot.jobs.filter((job) => job.spec.owner === request.owner);
  const active = own.filter((job) => isActive(job.state) || job.holdsSlot);
  if (active.length >= snapshot.maxActiveJobsPerUser) return atLimit(active, snapshot.maxActiveJobsPerUser);
  const namesake = own.find((job) => job.spec.name === request.name);
  return namesake === undefined ? { ok: true } : nameTaken(namesake);
}

function atLimit(active: readonly JobRecord[], cap: number): SubmitCheck {
  const names = active.map((job) => `${job.spec.name} (${job.spec.flavor}, ${shownState(job)})`).join(", ");
  const limit = cap === 1 ? "one active job" : `${cap} active jobs`;
  const commands = active.map((job) => `jobman delete -j ${job.spec.name}`);
  return {
    ok: false,
    code: "USER_LIMIT",
    message: `you may have ${limit}, waiting or running, over all flavors; active now: ${names}`,
    hint: `wait for an end, or end one: ${commands.join(" or ")}`,
  };
}

function nameTaken(job: JobRecord): SubmitCheck {
  return {
    ok: false,
    code: "NAME_TAKEN",
    message: `your job ${job.spec.name} (${shownState(job)}) already has this name`,
    hint: `choose another name, or free it: ${commandThatFrees(job)}`,
  };
}

/** The first deletion of an active job ends it and keeps its record. */
function commandThatFrees({ spec, state }: JobRecord): string {
  const command = `jobman delete -j ${spec.name}`;
  return isActive(state) ? `${command} && ${command}` : command;
}

function shownState(job: JobRecord): string {
  return job.stopping === undefined || !isActive(job.state) ? job.state : "being stopped";
}
