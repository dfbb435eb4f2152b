import { oneAtATime } from "../../../mutex/one-at-a-time.ts";
import type { EngineEvent } from "../../engine.ts";
import type { EngineContext } from "../context.ts";
import type { ActiveJob } from "../ledger/user-ledger.ts";

const afterMs = 1000;

/**
 * Has the ledgers of active jobs say what is so: of jobs that came or ended since, also of those that were made by hand.
 * Only who leads does so, for users who have a ledger; several changes of one user are one write, and one ledger follows
 * the other: admissions have the way. Returns how to stop it.
 */
export function keepUserLedgers(
  context: Pick<EngineContext, "tracker" | "users" | "report">,
  leads: () => boolean,
): () => void {
  /** By owner, of which jobs something was heard since. */
  const heard = new Map<string, Set<string>>();
  /** By the ids of jobs that were submitted to a scheduler, which enters them. */
  const entered = new Map<string, string>();
  const stopped = new AbortController();
  const inTurn = oneAtATime();
  const correct = async (owner: string): Promise<void> => {
    const ids = heard.get(owner) ?? new Set();
    heard.delete(owner);
    if (leads() && !stopped.signal.aborted) {
      await context.users.correct(owner, activeOf(context, owner), ids).catch(context.report);
    }
  };
  const hear = (event: EngineEvent): void => {
    const owner = ownerOf(context, entered, event);
    if (owner === undefined || event.kind === "snapshot" || !leads()) return;
    const ids = heard.get(owner) ?? new Set();
    ids.add(event.kind === "removed" ? event.id : event.job.spec.id);
    if (heard.has(owner)) return;
    heard.set(owner, ids);
    setTimeout(() => void inTurn(() => correct(owner)), afterMs).unref();
  };
  const stop = context.tracker.listen(hear);
  return () => {
    stop();
    stopped.abort();
  };
}

/** Whose ledger an event concerns; undefined for users who make all their jobs by hand. */
function ownerOf(
  { tracker }: Pick<EngineContext, "tracker">,
  entered: Map<string, string>,
  event: EngineEvent,
): string | undefined {
  if (event.kind === "snapshot") return undefined;
  if (event.kind === "removed") {
    const owner = entered.get(event.id);
    entered.delete(event.id);
    return owner;
  }
  const { id, owner } = event.job.spec;
  if (tracker.find(id)?.byHand === false) entered.set(id, owner);
  return [...tracker.ofOwner(owner)].some(({ spec }) => entered.has(spec.id)) ? owner : undefined;
}

function activeOf(
  { tracker }: Pick<EngineContext, "tracker">,
  owner: string,
): ReadonlyMap<string, ActiveJob> {
  const active = tracker.ofOwner(owner).filter(({ phase }) => phase !== "ended");
  return new Map(active.map(({ spec }) => [spec.id, spec]));
}
