import type { JobReason, JobState } from "@workstation/jobman/protocol";

export type { JobReason, JobState };

/**
 * What was submitted: complete, checked, and never changed afterwards. The engine keeps it with its object, the journal
 * beside it; the environment, which may hold secrets, is no part of it.
 */
export interface JobSpec {
  /** Unique for ever, also over jobs of the same name. */
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** The owner's numeric ids, under which the container runs. */
  readonly uid: number;
  readonly gid: number;
  /** Full image reference as it was resolved at submit. */
  readonly image: string;
  readonly flavor: string;
  readonly arguments: readonly string[];
  readonly exact: boolean;
  readonly annotations: Readonly<Record<string, string>>;
  readonly datasets: readonly string[];
  readonly timeLimitSeconds: number;
  /** What its slot gives it on this machine; absent for jobs that were not submitted through the API. */
  readonly cores?: number;
  readonly memoryBytes?: number;
  /** Order of submission over all flavors and users; given by the scheduler, gaps allowed. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly submittedAt: number;
}

/** A job at one moment. */
export interface JobRecord {
  readonly spec: JobSpec;
  readonly state: JobState;
  readonly reason: JobReason;
  /** When the engine let it go, where that is not at once its start. */
  readonly admittedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  /** Why `init.sh` failed. */
  readonly initError?: string;
  /** A process of it was killed for memory, and its command ended with 0 all the same. */
  readonly memoryKilled?: boolean;
  /** True while the engine's container may still run, whatever the state says: a slot is free only when it is not. */
  readonly holdsSlot: boolean;
  /** Who or what asked for its end, once somebody did; it keeps its state until its end was seen. */
  readonly stopping?: StopCause;
  /** Its start was asked for, and no answer came or it was lost: it keeps its slot, and the start is asked for again. */
  readonly uncertain?: boolean;
}

/**
 * What an engine shows of a job. `held`: created, not started; `starting`: let go, and nothing of it runs yet. Times are milliseconds since the epoch, by the engine's clock.
 */
export interface Observation {
  readonly phase: "held" | "starting" | "running" | "ended";
  readonly admittedAt?: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  readonly outOfMemory?: boolean;
  /** It was killed when the machine or the engine itself went down; what the scheduler asked for goes before this. */
  readonly nodeLost?: boolean;
  /** Somebody's hand removed it while it ran, which killed it. */
  readonly removed?: boolean;
  /** `init.sh` failed where the site lets that fail a job: the command never began. */
  readonly initFailed?: boolean;
  /** Why `init.sh` failed, whatever the site makes of it. */
  readonly initError?: string;
  /** Why the engine could not start it, or cannot yet, in its own words. */
  readonly startError?: string;
  /** Who or what asked for its end, where the engine's object tells. */
  readonly stopping?: StopCause;
}

/** A person who asked for a job's end. */
export type StopAuthor = "user" | "operator";

/**
 * `deadline`: it ran to its time limit. `scratch`: it wrote more than its scratch space holds. `flavorRemoved`: it
 * waited for a flavor that the site has no more. `startTimeout`: it had a slot and could not start.
 */
export type StopCause = StopAuthor | "deadline" | "scratch" | "flavorRemoved" | "startTimeout";

/** A flavor as the queue needs it: usable slots now. */
export interface FlavorCapacity {
  readonly name: string;
  readonly slots: number;
}

/** All that a decision may depend on. */
export interface QueueSnapshot {
  readonly jobs: readonly JobRecord[];
  readonly flavors: readonly FlavorCapacity[];
  readonly maxActiveJobsPerUser: number;
  /** How long an admitted job may take to start; absent where the engine starts it or says that it cannot. */
  readonly startTimeoutSeconds?: number;
}
