import type { DockerConnection } from "@workstation/docker";
import type { Site } from "@workstation/site";
import type { Problem } from "../../diagnostics/problems.ts";
import type { LogStore } from "../../logs/log-store.ts";
import type { OneAtATime } from "../../mutex/one-at-a-time.ts";
import type { EngineJob } from "../engine.ts";

/** What the parts of one Docker engine share. */
export interface EngineContext {
  readonly docker: DockerConnection;
  readonly instance: string;
  readonly site: Site;
  /** The state folder, where homes and datasets lie. */
  readonly state: string;
  /** The output of jobs, which outlives their containers. */
  readonly logs: LogStore;
  /** Whose output is being brought into `logs`, by job id. */
  readonly captures: Map<string, Capture>;
  /** Called when a running job's output says that its `init.sh` failed. */
  readonly initFailed: Set<(id: string) => void>;
  /** Watches under way: captures end with the last one. */
  readonly watches: Set<AbortSignal>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears of faults that are being recovered from. */
  readonly report: (fault: unknown, where?: string) => void;
  /** Hears what the operator has to mend, by place: each time the whole of it. */
  readonly onProblems: (where: string, problems: readonly Problem[]) => void;
  /** Seconds between two full lists that check what the events told. */
  readonly checkSeconds: number;
  /** How many open files a container can have here; `image`: one that is there, to find out with. */
  readonly openFilesCeiling: (image: string) => Promise<number>;
  /** Runs one thing after the other: networks are chosen one at a time. */
  readonly inTurn: OneAtATime;
  /** Jobs whose objects are being made now: their volumes are in use before a container says so. */
  readonly creating: Set<string>;
  /** The ids of the GPUs that each flavor's slots share. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
  /** Volumes that could not be removed: how often, when the next try is due, and the last words. By name. */
  readonly stuckVolumes: Map<
    string,
    { readonly failures: number; readonly due: number; readonly words: string }
  >;
  /** GPUs given to jobs that are being started now. */
  readonly claimed: Map<string, string>;
  /** Runs one choice of GPUs after the other. */
  readonly claiming: OneAtATime;
  /** Ends that were told: they do not change any more, whatever happens to the engine. By container id. */
  readonly ended: Map<string, EngineJob>;
}

/** Brings one container's output into the job's log. */
export interface Capture {
  readonly container: string;
  /** Resolves when there is a log to be read. */
  readonly opened: Promise<unknown>;
  /** Resolves when it is over, whatever came of it. */
  readonly done: Promise<void>;
  stop(): void;
}
