import { shorten } from "@workstation/cli";

/** A fault that the operator should see. */
export interface Fault {
  readonly at: number;
  readonly where: string;
  readonly message: string;
}

/** The last faults, newest last, and how many there were of each place since the start. */
export interface FaultLog {
  note(where: string, error: unknown): void;
  recent(): readonly Fault[];
  counts(): ReadonlyMap<string, number>;
}

const kept = 20;

/** `report` is told of each fault once it is noted. */
export function createFaultLog(now: () => number, report: (fault: Fault) => void): FaultLog {
  const faults: Fault[] = [];
  const counts = new Map<string, number>();
  return {
    note: (where, error) => {
      const message = shorten(error instanceof Error ? error.message : String(error));
      const fault = { at: now(), where, message };
      faults.push(fault);
      if (faults.length > kept) faults.shift();
      counts.set(where, (counts.get(where) ?? 0) + 1);
      report(fault);
    },
    recent: () => [...faults],
    counts: () => counts,
  };
}
