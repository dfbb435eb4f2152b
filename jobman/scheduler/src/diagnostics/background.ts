import type { FaultLog } from "./fault-log.ts";

/** Work that nobody waits for, and that a clean stop does. */
export interface Background {
  /** Resolves when the work is over, whatever became of it; a failure is a fault for the operator, never lost silently. */
  run(where: string, work: () => Promise<void>): Promise<void>;
  /** Resolves when all is over that was begun before. */
  settled(): Promise<void>;
}

export function createBackground(faults: Pick<FaultLog, "note">): Background {
  const running = new Set<Promise<void>>();
  return {
    run: (where, work) => {
      const run = work().catch((error: unknown) => faults.note(where, error));
      running.add(run);
      return run.finally(() => running.delete(run));
    },
    settled: async () => void (await Promise.all(running)),
  };
}
