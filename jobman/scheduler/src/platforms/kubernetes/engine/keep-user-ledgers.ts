import { oneAtATime } from "../../../mutex/one-at-a-time.ts";
import type { EngineEvent } from "../../engine.ts";
import type { EngineContext } from "../context.ts";
import type { ActiveJob } from "../ledger/user-ledger.ts";

const afterMs = 1000;
const againMs = 10_000;
/** No job's id: what stands in the ledger may be wrong, whatever was heard. */
const anything = "";

interface UserLedgerKeeper {
  /** Nobody led for a while: what happened then stands in no ledger. */
  correctAll(): void;
  stop(): void;
}

/**
 * Has the ledgers of active jobs say what is so: of jobs that came or ended since, also of those that were made by hand.
 * Only who leads does so; several changes of one user are one write, and one ledger follows the other: admissions have the
 * way.
 */
export function keepUserLedgers(
  context: Pick<EngineContext, "tracker" | "users" | "report">,
  leads: () => boolean,
): UserLedgerKeeper {
  /** By owner, of which jobs something was heard since. */
  const heard = new Map<string, Set<string>>();
  const owners: KnownOwners = { ofJob: new Map(), all: new Set() };
  const stopped = new AbortController();
  const inTurn = oneAtATime();
  const correct = async (owner: string): Promise<void> => {
    const ids = heard.get(owner) ?? new Set();
    heard.delete(owner);
    if (!leads() || stopped.signal.aborted) return;
    try {
      await context.users.correct(owner, activeOf(context, owner), ids);
    } catch (fault) {
      context.report(fault);
      note(owner, anything, againMs);
    }
  };
  const note = (owner: string, id: string, waitMs = afterMs): void => {
    const ids = heard.get(owner);
    if (ids === undefined) setTimeout(() => void inTurn(() => correct(owner)), waitMs).unref();
    heard.set(owner, (ids ?? new Set()).add(id));
  };
  const stop = context.tracker.listen((event) => {
    if (event.kind === "snapshot") return;
    const id = event.kind === "removed" ? event.id : event.job.spec.id;
    const owner = ownerOf(owners, event);
    if (owner !== undefined && leads()) note(owner, id);
  });
  return {
    correctAll: () => {
      for (const owner of owners.all) note(owner, anything);
    },
    stop: () => {
      stop();
      stopped.abort();
    },
  };
}

interface KnownOwners {
  /** By the ids of jobs. */
  readonly ofJob: Map<string, string>;
  /** Whoever ever had a job. */
  readonly all: Set<string>;
}

function ownerOf(
  { ofJob, all }: KnownOwners,
  event: Exclude<EngineEvent, { kind: "snapshot" }>,
): string | undefined {
  if (event.kind === "removed") {
    const owner = ofJob.get(event.id);
    ofJob.delete(event.id);
    return owner;
  }
  const { id, owner } = event.job.spec;
  ofJob.set(id, owner);
  all.add(owner);
  return owner;
}

function activeOf(
  { tracker }: Pick<EngineContext, "tracker">,
  owner: string,
): ReadonlyMap<string, ActiveJob> {
  const active = tracker.ofOwner(owner).filter(({ phase }) => phase !== "ended");
  return new Map(active.map(({ spec }) => [spec.id, spec]));
}
