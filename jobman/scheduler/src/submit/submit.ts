import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "@workstation/cli";
import type { ParsedSubmitRequest } from "@workstation/jobman/protocol";
import { type Core, snapshotOf } from "../core/core.ts";
import { requestFor } from "../core/request-for.ts";
import { ApiError } from "../errors/api-error.ts";
import { type OneAtATime, oneAtATime } from "../mutex/one-at-a-time.ts";
import type { Platform } from "../platforms/platform.ts";
import type { User } from "../platforms/user.ts";
import { checkSubmit, type JobRecord, type JobSpec, queuedRecord } from "../queue/index.ts";
import { type PreparedJob, prepareJob } from "./prepare.ts";

/** What a user asked for. */
export interface SubmitOrder {
  readonly user: User;
  readonly request: ParsedSubmitRequest;
}

/** A job that was taken, or would be. */
export interface Submitted {
  readonly record: JobRecord;
  readonly warnings: readonly string[];
}

/** Takes jobs, a user's one at a time: the cap, the name and the order are exact. */
export interface Submitter {
  /** Throws an `ApiError`, and then nothing was changed. */
  submit(order: SubmitOrder): Promise<Submitted>;
  /** All checks of `submit`, none of its acts. */
  tryOut(order: SubmitOrder): Promise<Submitted>;
}

export function createSubmitter(
  core: Core,
  platform: Pick<Platform, "images" | "datasets" | "limits">,
): Submitter {
  const turnOf = core.engine.lookFor === undefined ? sharedTurn() : turnOfEachUser();
  return {
    submit: async (order) => {
      await refuseOnReserve(core);
      const prepared = await prepareJob(core, platform, order);
      const record = await turnOf(prepared.spec.owner)(() => accept(core, prepared));
      core.wake();
      return { record, warnings: prepared.warnings };
    },
    tryOut: async (order) => {
      const prepared = await prepareJob(core, platform, order);
      refuseIfTaken(core, prepared.spec);
      const record = queuedRecord({ ...prepared.spec, sequence: core.records.lastSequence() + 1 });
      return { record, warnings: prepared.warnings };
    },
  };
}

/** Cap, names and order are this process's own to keep. */
function sharedTurn(): (owner: string) => OneAtATime {
  const inTurn = oneAtATime();
  return () => inTurn;
}

/** They are the engine's to keep, for all schedulers: nobody waits for another user's answer. */
function turnOfEachUser(): (owner: string) => OneAtATime {
  const turns = new Map<string, OneAtATime>();
  return (owner) => {
    const turn = turns.get(owner) ?? oneAtATime();
    turns.set(owner, turn);
    return turn;
  };
}

// Ends must still be written when the disk is all but full: a job that is not begun needs none.
async function refuseOnReserve(core: Core): Promise<void> {
  if (!(await core.reserve.isTouched())) return;
  core.faults.note("storage", `no more than the reserve is left on the disk of ${core.reserve.place}`);
  throw new ApiError("STORAGE_FULL", "the scheduler's disk is all but full: it takes no new jobs", {
    hint: "nothing was submitted; the operator must free space, then try again",
  });
}

async function accept(core: Core, prepared: PreparedJob): Promise<JobRecord> {
  refuseIfTaken(core, prepared.spec);
  const spec: JobSpec = { ...prepared.spec, sequence: core.records.nextSequence() };
  core.inFlight.begin(spec.id, "creating");
  try {
    const creation = core.engine.create({ ...requestFor(core, spec), environment: prepared.environment });
    // What the engine says of the job from now on stays parked until the loop's next look.
    return await core.records.accept(await inTime(creation));
  } catch (error) {
    undo(core, spec.id);
    throw asSubmitError(core, error);
  }
}

const createLimitMs = 60_000;

// Submits come one after the other: an engine that never answers one must not silence all.
async function inTime<T>(creation: Promise<T>): Promise<T> {
  const over = new AbortController();
  const limit = delay(createLimitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`the engine did not make the job within ${createLimitMs / 1000} s`);
  });
  try {
    return await Promise.race([creation, limit]);
  } finally {
    over.abort();
    limit.catch(() => undefined);
  }
}

function refuseIfTaken(core: Core, spec: Pick<JobSpec, "owner" | "name">): void {
  // What is gone has freed its name.
  const jobs = core.records.ofOwner(spec.owner).filter(({ spec: { id } }) => !core.records.isGone(id));
  const snapshot = { ...snapshotOf(core), jobs };
  const check = checkSubmit(snapshot, spec);
  if (!check.ok) throw new ApiError(check.code, check.message, { hint: check.hint });
}

// The object may be there even when its making failed, because the answer was lost.
function undo(core: Core, id: string): void {
  core.inFlight.finish(id);
  core.records.giveUp([id]);
}

function asSubmitError(core: Core, error: unknown): unknown {
  if (error instanceof UserError && error.code !== "ENGINE_UNAVAILABLE") return error;
  core.faults.note("engine", error);
  if (error instanceof UserError) return error;
  return new ApiError("ENGINE_UNAVAILABLE", "the container engine could not make the job", {
    hint: "nothing was submitted; try again, and tell the operator if it stays so",
    cause: error,
  });
}
