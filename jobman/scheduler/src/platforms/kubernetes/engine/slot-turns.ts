import { type OneAtATime, oneAtATime } from "../../../mutex/one-at-a-time.ts";
import type { JobView } from "../objects/read-job.ts";

/** Answers with those of the jobs that have a slot of the flavor now. */
export type TakeSlots = (flavor: string, held: readonly JobView[]) => Promise<readonly JobView[]>;

/**
 * Has one write of a flavor's ledger follow the other: who comes meanwhile waits for the next, which is for all of them.
 * Two at once would find each other's page, and one of them nothing.
 */
export function createSlotTurns(take: TakeSlots): TakeSlots {
  const flavors = new Map<string, FlavorTurns>();
  return async (flavor, held) => {
    const turns = flavors.get(flavor) ?? { inTurn: oneAtATime(), next: undefined };
    flavors.set(flavor, turns);
    turns.next ??= openTurn(turns, (wanted) => take(flavor, wanted));
    turns.next.wanted.push(...held);
    const granted = new Set(await turns.next.granted);
    return held.filter((view) => granted.has(view));
  };
}

interface FlavorTurns {
  readonly inTurn: OneAtATime;
  /** The one that has not begun. */
  next: Turn | undefined;
}

interface Turn {
  readonly wanted: JobView[];
  readonly granted: Promise<readonly JobView[]>;
}

function openTurn(turns: FlavorTurns, take: (wanted: readonly JobView[]) => ReturnType<TakeSlots>): Turn {
  const wanted: JobView[] = [];
  const granted = turns.inTurn(() => {
    turns.next = undefined;
    return take(wanted);
  });
  return { wanted, granted };
}
