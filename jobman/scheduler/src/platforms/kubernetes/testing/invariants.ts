import type { V1Job } from "@kubernetes/client-node";
import { clusterLabels, containerLabels } from "@workstation/site";
import type { History, HistoryEvent } from "./history.ts";
import {
  flavorOf,
  isActive,
  isOver,
  isSuspended,
  jobOf,
  type Moment,
  ownerOf,
  placeOf,
  replay,
  slotsTaken,
  waits,
} from "./moments.ts";

/** What must hold, whatever went wrong. */
export interface Promises {
  /** Slots of a flavor when `event` happened. */
  slots(flavor: string, event: HistoryEvent): number;
  /** Active jobs of a user. */
  readonly cap: number;
  /** How long a job may be there before whoever leads must know it, once another slot was given away since. */
  readonly knownAfterMs: number;
  /** Jobs that somebody let go past the queue, by their UIDs: they take slots, and are nobody's fault. */
  readonly forced?: ReadonlySet<string>;
}

/**
 * What was broken, in words; nothing where all held. Computed from the API server's own objects, one revision after the
 * other.
 */
export function brokenPromises(history: Pick<History, "events">, promises: Promises): readonly string[] {
  const broken: string[] = [];
  const seen: Seen = { knownSince: new Map(), given: new Map(), released: new Map(), pods: new Map() };
  replay(history, (event, moment, before) => {
    const step: Step = { event, moment, before, seen, promises };
    note(step);
    broken.push(...rules.flatMap((rule) => rule(step)));
  });
  return broken;
}

/** What an onlooker has to remember. */
interface Seen {
  /** When each Job was first seen, by its UID. */
  readonly knownSince: Map<string, number>;
  /** When a slot of each flavor was given away last, and before that. */
  readonly given: Map<string, readonly [number, number]>;
  /** How often each was let go. */
  readonly released: Map<string, number>;
  /** The pods that were made for each. */
  readonly pods: Map<string, Set<string>>;
}

interface Step {
  readonly event: HistoryEvent;
  readonly moment: Moment;
  readonly before: Moment;
  readonly seen: Seen;
  readonly promises: Promises;
}

function note({ event, moment, before, seen }: Step): void {
  const { uid = "" } = event.object.metadata ?? {};
  if (event.kind === "job") {
    if (!seen.knownSince.has(uid)) seen.knownSince.set(uid, event.seenAt);
    const [was, is] = [before.jobs.get(uid), moment.jobs.get(uid)];
    if (was !== undefined && is !== undefined && isSuspended(was) && !isSuspended(is)) {
      seen.released.set(uid, (seen.released.get(uid) ?? 0) + 1);
    }
  }
  if (event.kind === "ledger") {
    const flavor = flavorOfLedger(event);
    const [last] = seen.given.get(flavor) ?? [0];
    seen.given.set(flavor, [event.seenAt, last]);
  }
  if (event.kind === "pod" && !event.gone) {
    const job = jobOf(event.object);
    seen.pods.set(job, (seen.pods.get(job) ?? new Set()).add(uid));
  }
}

type Rule = (step: Step) => readonly string[];

/** Never more than its slots take a flavor's slots; those who have one when slots are taken away may stay. */
const keepsSlots: Rule = ({ event, moment, before, promises }) => {
  const [now, then] = [slotsTaken(moment), slotsTaken(before)];
  return [...now].flatMap(([flavor, taken]) => {
    const slots = promises.slots(flavor, event);
    const added = [...taken].filter((uid) => then.get(flavor)?.has(uid) !== true);
    const ours = added.filter((uid) => promises.forced?.has(uid) !== true);
    if (taken.size <= slots || ours.length === 0) return [];
    return [`${flavor}: ${taken.size} of ${slots} slots are taken once ${nameOf(moment, ours[0])} is let go`];
  });
};

const keepsCap: Rule = ({ event, moment, promises }) => {
  if (event.kind !== "job") return [];
  const owner = ownerOf(event.object);
  const active = [...moment.jobs.values()].filter(
    (job) => ownerOf(job) === owner && isSubmitted(job) && isActive(job),
  );
  return active.length > promises.cap ? [`${owner} has ${active.length} active jobs of ${promises.cap}`] : [];
};

const isSubmitted = ({ metadata }: V1Job): boolean => metadata?.labels?.[containerLabels.id] !== undefined;

/** Slots are given away in the ledger, to the first in line of those who may have one. */
const keepsOrder: Rule = (step) => {
  const { event, moment, before } = step;
  if (event.kind !== "ledger") return [];
  const flavor = flavorOfLedger(event);
  const names = moment.ledgers.get(flavor) ?? new Set();
  const added = [...names].filter((uid) => before.ledgers.get(flavor)?.has(uid) !== true);
  const early = [...moment.jobs.values()].filter((job) => flavorOf(job) === flavor && isEligible(step, job));
  return added
    .flatMap((uid) => moment.jobs.get(uid) ?? [])
    .filter(waits)
    .flatMap((late) => {
      const first = early.find((job) => placeOf(job) < placeOf(late));
      if (first === undefined) return [];
      return [`${late.metadata?.name} was given a slot before ${first.metadata?.name}`];
    });
};

/** It waits, is known by now, its owner may have a slot more, and it got none. */
function isEligible({ event, moment, seen, promises }: Step, job: V1Job): boolean {
  const { uid = "" } = job.metadata ?? {};
  const flavor = flavorOf(job);
  if (!waits(job) || moment.ledgers.get(flavor)?.has(uid) === true) return false;
  const since = seen.knownSince.get(uid) ?? event.seenAt;
  const [, previous] = seen.given.get(flavor) ?? [0, 0];
  const isKnown = since < previous && event.seenAt - since > promises.knownAfterMs;
  return isKnown && takenBy(moment, ownerOf(job)) < promises.cap;
}

const flavorOfLedger = ({ object }: HistoryEvent): string =>
  object.metadata?.labels?.[clusterLabels.ledger] ?? "";

function takenBy({ jobs }: Moment, owner: string): number {
  return [...jobs.values()].filter((job) => ownerOf(job) === owner && !isSuspended(job) && !isOver(job))
    .length;
}

const startsOnce: Rule = ({ event, moment, seen }) => {
  const { uid = "" } = event.object.metadata ?? {};
  if (event.kind === "job" && (seen.released.get(uid) ?? 0) > 1)
    return [`${nameOf(moment, uid)} was let go twice`];
  if (event.kind !== "pod") return [];
  const job = jobOf(event.object);
  const pods = seen.pods.get(job)?.size ?? 0;
  return pods > 1 ? [`${pods} pods were made for ${nameOf(moment, job)}`] : [];
};

/** Nobody is let go but by the ledger. */
const grantsFirst: Rule = ({ event, moment, before, promises }) => {
  if (event.kind !== "job" || event.gone) return [];
  const { uid = "", name } = event.object.metadata ?? {};
  const was = before.jobs.get(uid);
  if (was === undefined || !isSuspended(was) || isSuspended(event.object)) return [];
  if (promises.forced?.has(uid) || moment.ledgers.get(flavorOf(was))?.has(uid)) return [];
  return [`${name} was let go without a slot in the ledger`];
};

const rules: readonly Rule[] = [keepsSlots, keepsCap, keepsOrder, startsOnce, grantsFirst];

function nameOf({ jobs }: Moment, uid: string | undefined): string {
  return jobs.get(uid ?? "")?.metadata?.name ?? String(uid);
}

/**
 * Jobs that are not over, or that went without having been, in words. Of what somebody `removed` nothing is expected; a
 * job that was made and not `accepted` may go: nobody was told of it.
 */
export function unfinished(
  history: Pick<History, "events">,
  { accepted, removed }: { readonly accepted: ReadonlySet<string>; readonly removed: ReadonlySet<string> },
): readonly string[] {
  const last = new Map<string, { readonly job: V1Job; readonly gone: boolean }>();
  for (const { kind, object, gone } of history.events()) {
    if (kind === "job") last.set(object.metadata?.uid ?? "", { job: object, gone });
  }
  return [...last.values()].flatMap(({ job, gone }) => {
    const { name = "" } = job.metadata ?? {};
    if (removed.has(name) || isOver(job) || (isSuspended(job) && !waits(job))) return [];
    if (gone && !accepted.has(name)) return [];
    return [
      `${name} ${gone ? "went before it was over" : `is still ${isSuspended(job) ? "waiting" : "let go"}`}`,
    ];
  });
}
