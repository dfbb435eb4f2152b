/** A job that a ledger names. */
export interface NamedJob {
  readonly owner: string;
  readonly id: string;
  readonly name: string;
  /** When it was entered, by the clock of whoever did (milliseconds since the epoch). */
  readonly at: number;
}

/** Jobs that stand in a ledger and were not seen by this scheduler. */
export interface UnseenJobs {
  /**
   * Whether such a job may be active: another scheduler may be about to make it, or has made it and our watch is behind.
   * For a minute it is believed, by the time of its entry and, where clocks differ, by how long we have known it; after that
   * the API server is asked.
   */
  mayBeActive(job: NamedJob): Promise<boolean>;
}

/** Nobody takes longer between an entry and its job: a request is given up before. */
const believedMs = 60_000;
const rememberedJobs = 10_000;

export function createUnseenJobs(options: {
  /** Asks the API server. */
  readonly isActive: (job: NamedJob) => Promise<boolean>;
  /** Milliseconds, by a clock that nobody sets. */
  readonly elapsed?: (() => number) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): UnseenJobs {
  const { isActive, now, elapsed = () => performance.now() } = options;
  const since = new Map<string, number>();
  return {
    mayBeActive: async (job) => {
      const first = since.get(job.id);
      const isOld = now() - job.at >= believedMs;
      if (isOld || (first !== undefined && elapsed() - first >= believedMs)) return isActive(job);
      if (first === undefined) remember(since, job.id, elapsed());
      return true;
    },
  };
}

function remember(since: Map<string, number>, id: string, at: number): void {
  since.set(id, at);
  const [oldest] = since.keys();
  if (since.size > rememberedJobs && oldest !== undefined) since.delete(oldest);
}
