import { exponential, logNormal } from "./random.ts";

/** A flavor as the simulation needs it. */
export interface SimulatedFlavor {
  readonly name: string;
  readonly slots: number;
  readonly timeLimitSeconds: number;
}

/** What a simulated user submits next. */
export interface PlannedJob {
  readonly flavor: SimulatedFlavor;
  /** How long it would run without a limit. */
  readonly runSeconds: number;
  /** How long it takes to end after TERM. */
  readonly stopSeconds: number;
  readonly exitCode: number;
}

/** How users behave; time passes only through it. */
export interface Workload {
  readonly users: number;
  /** From the end of a user's job, or the beginning, to the next submit; seconds. */
  readonly pauseSeconds: () => number;
  readonly nextJob: () => PlannedJob;
}

export interface WorkloadOptions {
  readonly flavors: readonly SimulatedFlavor[];
  readonly users: number;
  readonly random: () => number;
  readonly meanPauseSeconds: number;
  readonly stopGraceSeconds: number;
}

/**
 * Users who submit one job, wait for its end, pause, and submit the next. Flavors are asked for in proportion to
 * their slots. The median job runs for a tenth of its limit; about one in twenty runs into it.
 */
export function typicalWorkload(options: WorkloadOptions): Workload {
  const { random, users } = options;
  return {
    users,
    pauseSeconds: () => exponential(random, options.meanPauseSeconds),
    nextJob: () => {
      const flavor = pickFlavor(options.flavors, random());
      return {
        flavor,
        runSeconds: logNormal(random, flavor.timeLimitSeconds / 10, 1.4),
        stopSeconds: random() * options.stopGraceSeconds,
        exitCode: random() < 0.1 ? 1 : 0,
      };
    },
  };
}

function pickFlavor(flavors: readonly SimulatedFlavor[], share: number): SimulatedFlavor {
  let slots = share * flavors.reduce((sum, flavor) => sum + flavor.slots, 0);
  const picked = flavors.find((flavor) => {
    slots -= flavor.slots;
    return slots < 0;
  });
  if (picked === undefined) throw new Error("no flavor has slots");
  return picked;
}
