import type { Engine, EngineJob } from "../engine.ts";

/** What a watch has told so far, and a way to wait for more. */
export interface Watcher {
  readonly jobs: ReadonlyMap<string, EngineJob>;
  readonly snapshots: number;
  /** Resolves with the first true answer, asked after each event; the test's own time limit ends a wait in vain. */
  until<T>(question: () => T | undefined | false): Promise<T>;
  /** Resolves when the job is seen in that phase. */
  phase(id: string, phase: EngineJob["phase"]): Promise<EngineJob>;
  removed(id: string): Promise<true>;
  stop(): Promise<void>;
}

/** Watches an engine until it is told to stop. */
export function watchEngine(engine: Engine): Watcher {
  const jobs = new Map<string, EngineJob>();
  const gone = new Set<string>();
  const stop = new AbortController();
  let waiting: (() => void)[] = [];
  let snapshots = 0;
  const ended = follow();

  async function follow(): Promise<void> {
    for await (const event of engine.watch(stop.signal)) {
      if (event.kind === "snapshot") {
        snapshots += 1;
        jobs.clear();
        for (const job of event.jobs) jobs.set(job.spec.id, job);
      } else if (event.kind === "changed") {
        jobs.set(event.job.spec.id, event.job);
      } else {
        jobs.delete(event.id);
        gone.add(event.id);
      }
      for (const wake of waiting.splice(0)) wake();
    }
  }

  async function until<T>(question: () => T | undefined | false): Promise<T> {
    for (;;) {
      const answer = question();
      if (answer !== undefined && answer !== false) return answer;
      await Promise.race([
        ended.then(() => {
          throw new Error("the watch ended");
        }),
        new Promise<void>((resolve) => waiting.push(resolve)),
      ]);
    }
  }

  return {
    jobs,
    get snapshots() {
      return snapshots;
    },
    until,
    phase: (id, phase) =>
      until(() => {
        const job = jobs.get(id);
        return job?.phase === phase && job;
      }),
    removed: (id) => until(() => gone.has(id) || (snapshots > 0 && !jobs.has(id)) || undefined),
    async stop() {
      stop.abort();
      waiting = [];
      await ended;
    },
  };
}
