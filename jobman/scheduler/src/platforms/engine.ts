import type { LogPiece } from "@workstation/jobman/protocol";
import type { JobSpec, Observation, StopCause } from "../queue/model.ts";

/** A job as the engine's own object shows it. */
export interface EngineJob extends Observation {
  readonly spec: JobSpec;
}

/** A full picture first, and again after every reconnection; then what changes. */
export type EngineEvent =
  /** `asOf`: when the list was asked for, by the scheduler's clock: what was made later may be missing in it. */
  | { readonly kind: "snapshot"; readonly asOf: number; readonly jobs: readonly EngineJob[] }
  | { readonly kind: "changed"; readonly job: EngineJob }
  | { readonly kind: "removed"; readonly id: string };

/**
 * What became of one admission. `admitted`: the engine starts it, at once or when it can; the watch tells when it runs.
 * `conflict`: it was not held any more; `postponed`: it is held still, and another scheduler decides or has given its
 * slot away; `unknown`: the answer was lost, look again.
 */
export type Admission =
  | { readonly outcome: "admitted" | "gone" | "conflict" | "postponed" }
  | { readonly outcome: "failed" | "unknown"; readonly message: string };

/** What one slot gives a job here. */
export interface SlotResources {
  readonly cores: number;
  readonly memoryBytes: number;
}

/** A kind of GPU; which device a job gets is the platform's own choice, made at its start. */
export interface Gpu {
  readonly model: string;
  readonly memoryBytes: number;
}

export interface AdmissionRequest {
  readonly spec: JobSpec;
  readonly resources: SlotResources;
  /** What its slot holds besides; absent for a job without GPU. */
  readonly gpu?: Gpu;
}

/** A job to be made. */
export interface CreateRequest extends AdmissionRequest {
  /** What its owner gave: into the job's own environment and nowhere else, because it may hold secrets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What a job's home, /tmp and /var/tmp take together. `files` is 0 where nobody counts them. */
export interface ScratchUse {
  readonly bytes: number;
  readonly files: number;
  /** `broken`: folders were moved while it was counted; `late`: it took too long. Then there is at least so much. */
  readonly measured: "whole" | "broken" | "late";
}

/** Where jobs really run. Every method may throw `ENGINE_UNAVAILABLE`; nothing that is not ours is ever touched. */
export interface Engine {
  /** Its objects of ended jobs are their records, and stay until somebody forgets the job. */
  readonly keepsRecords: boolean;
  /** Never ends by itself but through `signal`; reconnects, and then begins with a snapshot again. */
  watch(signal: AbortSignal): AsyncIterable<EngineEvent>;
  /**
   * Makes the job's object, held; safe to repeat for the same id. Answers with the specification as the object shows it,
   * because the place in line may be the engine's to give.
   */
  create(request: CreateRequest): Promise<JobSpec>;
  /**
   * Looks for a job that another scheduler may have taken a moment ago; answers with its id, and the watch tells of it.
   * Absent where there is no other.
   */
  readonly lookFor?: (owner: string, name: string) => Promise<string | undefined>;
  /** Writes on the objects of jobs who or what wants their end, where objects can be written: other schedulers see it. */
  readonly askStop?: (ids: readonly string[], cause: StopCause) => Promise<void>;
  /** Has the jobs of one cycle started; the answer has an entry for each id. Safe to repeat for what does not run yet. */
  admit(requests: readonly AdmissionRequest[]): Promise<ReadonlyMap<string, Admission>>;
  /**
   * TERM, grace, KILL; resolves when it no longer runs. `keep`: its object stays, unless it never started; `"log"`:
   * its object goes once all of its output is kept; else everything that belongs to it is removed. Safe to repeat,
   * also for what is gone.
   */
  end(id: string, options: { readonly graceSeconds: number; readonly keep: boolean | "log" }): Promise<void>;
  /**
   * The job's output from behind `after`, as it was written; with `follow` until the job has ended and its output is
   * complete. Throws `LOG_GONE` when nothing is left of the job.
   */
  log(
    id: string,
    options: { readonly after?: string; readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncIterable<LogPiece>;
}

/** The images that may be run here. */
export interface ImageCatalogue {
  /** The image with this name, with or without the site's prefix, and this tag; also one that is not allowed. */
  find(name: string, tag: string): Promise<CatalogueImage | undefined>;
  list(): Promise<readonly CatalogueImage[]>;
}

export interface CatalogueImage {
  readonly name: string;
  readonly tags: readonly string[];
  readonly reference: string;
  readonly sizeBytes: number;
  readonly createdAt?: number;
  readonly labels: Readonly<Record<string, string>>;
  /** False for images that are here but neither of the family nor named by the site. */
  readonly allowed: boolean;
}

/** What the machine has. */
export interface MachineProbe {
  probe(): Promise<Machine>;
}

export interface Machine {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly gpus: readonly { readonly id: string; readonly model: string; readonly memoryBytes: number }[];
  /** Why there are no GPUs, when there are none. */
  readonly gpuNote?: string;
}
