import type { IncomingMessage, RequestListener } from "node:http";
import type { UserError } from "@workstation/cli";
import type { ProblemBoard } from "../diagnostics/problems.ts";
import type { LineSink } from "../files/line-sink.ts";
import type { Reserve } from "../files/reserve.ts";
import type { Capacity } from "./capacity.ts";
import type { Engine, ImageCatalogue, ScratchUse } from "./engine.ts";
import type { User } from "./user.ts";

/**
 * A place where jobs run, and all that the scheduler needs of it. A member of `platforms/table.ts` opens one; nothing of
 * a platform is loaded before it is chosen.
 */
export interface Platform {
  /** Its name in the table, for the operator. */
  readonly kind: string;
  readonly engine: Engine;
  readonly images: ImageCatalogue;
  readonly datasets: Datasets;
  readonly limits: PlatformLimits;
  readonly sinks: Sinks;
  /** What the operator has to mend here. */
  readonly problems: ProblemBoard;
  /**
   * What the site's flavors are here: the first value at once, another whenever that changes, until `signal`. A machine
   * tells it once; a cluster whenever its nodes change. Throws `FLAVORS_DO_NOT_FIT` where the site is strict.
   */
  capacity(signal: AbortSignal): AsyncIterable<Capacity>;
  /**
   * Gets the right to decide, and prepares what only its holder may write. On a machine that is a lock that is there
   * or refused; on a cluster a lease that comes and goes, while every replica shows and takes jobs. There the cap of
   * active jobs, their names and their order are asked of the cluster's own store as a job's object is made.
   */
  lead(): Promise<Lead>;
  /** Who is asking; throws `NOT_ALLOWED`. Asked once a request, before anything of it is looked at. */
  authenticate(request: IncomingMessage): Promise<User>;
  /** Opens what users and the operator come through; when the operator's answers, everything does. */
  listen(apps: Apps): Promise<Listeners>;
  /**
   * What jobs hold of their scratch space now; those that cannot be measured are missing. Absent where the platform holds
   * jobs to the limits by itself, or nobody can tell.
   */
  readonly scratchUse?: (ids: readonly string[]) => Promise<ReadonlyMap<string, ScratchUse>>;
  /** Looks again at who its users are; resolves when all that depends on them has followed. */
  rescan(): Promise<void>;
  report(): PlatformReport;
  /** How long an admitted job may take to start; absent where the engine starts it or says that it cannot. */
  readonly startTimeoutSeconds?: number;
  /** How many requests it let in for nobody since the start, by reason; absent where nobody unknown can come. */
  readonly refusals?: () => ReadonlyMap<string, number>;
  /** Takes away what no job needs any more and lets go of everything; jobs go on running. */
  close(): Promise<void>;
}

export interface Datasets {
  /** Those of `ids` that are there. */
  check(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

/** What a platform can keep of one job. */
export interface PlatformLimits {
  /** What arguments and environment may take together, each with a final zero byte. */
  readonly specificationBytes: number;
}

/** Where that goes which must outlive the scheduler; used by the holder of the lead alone. */
export interface Sinks {
  readonly journal: LineSink;
  readonly audit: LineSink;
  /** Of the space that both share. */
  readonly reserve: Reserve;
  /** Removes the output of jobs that nobody knows any more, as a crash can leave it. */
  readonly sweepLogs: (isKnown: (id: string) => boolean) => Promise<void>;
}

/** The right to decide about the jobs of an instance. */
export interface Lead {
  /** Absent where the lead, once it is there, is held until it is lost. */
  readonly term?: {
    /** Begins to stand for it: called when all that a decision needs is known. */
    stand(): void;
    held(): boolean;
    /** Hears when that changes. */
    onChange(listener: () => void): void;
    /** Stands for it no more, so that another may decide while this one still closes. Safe to repeat. */
    giveBack(): Promise<void>;
  };
  /** Resolves when another took it, with the reason: nothing may be decided any more. */
  readonly lost: Promise<UserError>;
  release(): Promise<void>;
}

/** What is listened for. */
export interface Apps {
  /** A listener with an allowance of its own; those who share one share the allowance. */
  readonly forUser: () => RequestListener;
  readonly forOperator: RequestListener;
  /** After how long an exchange counts as long, and how many times as long its user then rests. */
  readonly turns: { readonly longMs: number; readonly restFactor: number };
  /** Hears of faults that are being recovered from. */
  readonly onFault: (fault: unknown) => void;
}

/** What a scheduler is reached through. */
export interface Listeners {
  close(): Promise<void>;
}

/** The platform as the operator sees it. */
export interface PlatformReport {
  /** What it has in all; `gpus` counts them. */
  readonly machine: { readonly cores: number; readonly memoryBytes: number; readonly gpus: number };
  /** `socket`: true where the user can be served now. */
  readonly users: readonly { readonly name: string; readonly uid: number; readonly socket: boolean }[];
}

/** How a scheduler on a cluster is reached, and how it reaches the cluster; what is absent has a usual value. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  /** The address for users. */
  readonly listen?: string;
  /** A folder with tls.crt and tls.key. */
  readonly tls?: string;
  /** The operator's address. */
  readonly operator?: string;
  /** The address for metrics and probes. */
  readonly metrics?: string;
  /** A file for audit lines, besides standard output. */
  readonly audit?: string;
}

/** Where a platform keeps what is its own, and how it is told of what it meets. */
export interface OpenOptions {
  readonly instance: string;
  readonly places: { readonly state: string; readonly run: string };
  /** The account that the scheduler runs as; 0 serves all users, another only itself. */
  readonly ownUid: number;
  /** The address of what runs the jobs, where it is not the usual one. */
  readonly address?: string;
  /** As they were typed; absent for a platform of one machine. */
  readonly cluster?: ClusterOptions;
  /** Hears of what an operator may want to read later, such as that it leads from now on. */
  readonly tell: (message: string, facts: Readonly<Record<string, string>>) => void;
  /** Hears of faults that are being recovered from, such as a lost connection; `where`: "engine", unless it is said. */
  readonly onFault: (fault: unknown, where?: string) => void;
}
