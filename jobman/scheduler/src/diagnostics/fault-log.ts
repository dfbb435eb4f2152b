import { shorten } from "@workstation/cli";

/** A fault that the operator should see. */
export interface Fault {
  readonly at: number;
  readonly where: string;
  readonly message: string;
}

/** The last faults, newest last, one that came again at its last time alone, and how many there were of each place since the start. */
export interface FaultLog {
  note(where: string, error: unknown): void;
  recent(): readonly Fault[];
  counts(): ReadonlyMap<string, number>;
}

const kept = 20;

/** `report` is told of each fault once it is noted, and of the error that it was. */
export function createFaultLog(now: () => number, report: (fault: Fault, error: unknown) => void): FaultLog {
  const faults: Fault[] = [];
  const counts = new Map<string, number>();
  return {
    note: (where, error) => {
      const message = shorten(error instanceof Error ? error.message : String(error));
      const fault = { at: now(), where, message };
      // One that comes each second would push out all others.
      const before = faults.findIndex((each) => each.where === where && each.message === message);
      if (before !== -1) faults.splice(before, 1);
      faults.push(fault);
      if (faults.length > kept) faults.shift();
      counts.set(where, (counts.get(where) ?? 0) + 1);
      report(fault, error);
    },
    recent: () => [...faults],
    counts: () => counts,
  };
}
