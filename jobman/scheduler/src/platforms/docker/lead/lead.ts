import { UserError } from "@workstation/cli";
import type { DockerConnection } from "@workstation/docker";
import { claimInstance } from "./instance-claim.ts";
import { claimState } from "./state-instance.ts";
import { type LockHolder, lockState } from "./state-lock.ts";

/** The right to run the jobs of an instance. */
export interface Lead {
  /** Resolves when another state folder took the instance, with the reason: this scheduler must stop. */
  readonly lost: Promise<UserError>;
  release(): Promise<void>;
}

/**
 * Makes this process the one scheduler of a state folder, and that folder the one of its instance on the engine. Throws
 * `SCHEDULER_RUNNING`, `STATE_OF_OTHER_INSTANCE`, `INSTANCE_CLAIMED` or `LOCK_UNSUPPORTED`. A killed process holds nothing.
 */
export async function takeLead(
  docker: DockerConnection,
  place: { readonly state: string; readonly holder: LockHolder; readonly checkEveryMs?: number },
): Promise<Lead> {
  const lock = await lockState(place.state, place.holder);
  try {
    const owner = await claimState(place.state, place.holder.instance);
    await claimInstance(docker, owner);
    const watch = watchClaim(() => claimInstance(docker, owner), place.checkEveryMs ?? 60_000);
    return {
      lost: watch.lost,
      release: async () => {
        watch.stop();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

// `docker volume prune` takes an unused volume: it is made again before somebody else may claim the instance.
function watchClaim(renew: () => Promise<void>, everyMs: number) {
  const { promise: lost, resolve } = Promise.withResolvers<UserError>();
  const look = async (): Promise<void> => {
    try {
      await renew();
    } catch (error) {
      // An engine that does not answer takes nothing away.
      if (error instanceof UserError && error.code === "INSTANCE_CLAIMED") resolve(error);
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return { lost, stop: () => clearInterval(timer) };
}
