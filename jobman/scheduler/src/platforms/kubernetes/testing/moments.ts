import type { V1ConfigMap, V1Job, V1Pod } from "@kubernetes/client-node";
import { clusterAnnotations, clusterLabels, containerLabels } from "@workstation/site";
import type { History, HistoryEvent } from "./history.ts";

/** What was there after one event: read from the API server's objects alone. */
export interface Moment {
  readonly jobs: Map<string, V1Job>;
  readonly pods: Map<string, V1Pod>;
  /** By flavor, the UIDs that its ledger names. */
  readonly ledgers: Map<string, ReadonlySet<string>>;
}

/** Goes through a history; `visit` sees what was before each event and what after it. */
export function replay(
  history: Pick<History, "events">,
  visit: (event: HistoryEvent, moment: Moment, before: Moment) => void,
): Moment {
  let before: Moment = { jobs: new Map(), pods: new Map(), ledgers: new Map() };
  for (const event of history.events()) {
    const moment = after(before, event);
    visit(event, moment, before);
    before = moment;
  }
  return before;
}

function after({ jobs, pods, ledgers }: Moment, { kind, object, gone }: HistoryEvent): Moment {
  const { uid = "", labels = {} } = object.metadata ?? {};
  switch (kind) {
    case "job":
      return { jobs: changed(jobs, uid, gone ? undefined : object), pods, ledgers };
    case "pod":
      return { jobs, pods: changed(pods, uid, gone ? undefined : object), ledgers };
    case "ledger": {
      const flavor = labels[clusterLabels.ledger] ?? "";
      return { jobs, pods, ledgers: changed(ledgers, flavor, gone ? undefined : namesIn(object)) };
    }
  }
}

/** One that somebody wrote nonsense into names nobody. */
function namesIn({ data }: V1ConfigMap): ReadonlySet<string> {
  try {
    return new Set(Object.keys(JSON.parse(data?.jobs ?? "{}")));
  } catch {
    return new Set();
  }
}

function changed<K, V>(map: ReadonlyMap<K, V>, key: K, value: V | undefined): Map<K, V> {
  const next = new Map(map);
  if (value === undefined) next.delete(key);
  else next.set(key, value);
  return next;
}

export const flavorOf = ({ metadata }: V1Job | V1Pod): string =>
  metadata?.labels?.[containerLabels.flavor] ?? "";
export const ownerOf = ({ metadata }: V1Job | V1Pod): string =>
  metadata?.labels?.[containerLabels.owner] ?? "";

/** It ended, and nothing of it is left to run. */
export function isOver({ status }: V1Job): boolean {
  const ended = status?.conditions?.some(
    ({ type, status: holds }) => (type === "Complete" || type === "Failed") && holds === "True",
  );
  return ended === true && (status?.active ?? 0) + (status?.terminating ?? 0) === 0;
}

export const isSuspended = ({ spec }: V1Job): boolean => spec?.suspend === true;

/** It waits, and nobody wants its end. */
export function waits(job: V1Job): boolean {
  const { annotations = {}, deletionTimestamp } = job.metadata ?? {};
  const wanted = annotations[clusterAnnotations.stop] === undefined && deletionTimestamp === undefined;
  return isSuspended(job) && wanted;
}

/** Of a job: it was not let go, or it runs, or its pod is not yet gone. */
export function isActive(job: V1Job): boolean {
  return isSuspended(job) ? waits(job) : !isOver(job);
}

export const jobOf = ({ metadata }: V1Pod): string =>
  metadata?.ownerReferences?.find(({ kind }) => kind === "Job")?.uid ?? "";

const runs = ({ status }: V1Pod): boolean => status?.phase !== "Succeeded" && status?.phase !== "Failed";

/** The UIDs of Jobs that take a slot, by flavor: let go and not over, or with a pod that may run. */
export function slotsTaken({ jobs, pods }: Moment): ReadonlyMap<string, ReadonlySet<string>> {
  const taken = new Map<string, Set<string>>();
  const take = (flavor: string, uid: string): void => {
    taken.set(flavor, (taken.get(flavor) ?? new Set()).add(uid));
  };
  for (const [uid, job] of jobs) if (!isSuspended(job) && !isOver(job)) take(flavorOf(job), uid);
  for (const pod of pods.values()) if (runs(pod)) take(flavorOf(pod), jobOf(pod));
  return taken;
}

/** A job's place in its queue: what a scheduler stamped, near the server's second; else the millisecond of that within it. */
export function placeOf({ metadata }: V1Job): string {
  const created = Date.parse(String(metadata?.creationTimestamp));
  const text = metadata?.annotations?.[clusterAnnotations.request];
  const submitted = text === undefined ? created + 999 : Number(JSON.parse(text).submittedAt);
  const at = Math.abs(submitted - created) < 1000 ? submitted : created + (submitted % 1000);
  const id = metadata?.labels?.[containerLabels.id] ?? metadata?.uid ?? "";
  return `${String(at).padStart(16, "0")} ${id}`;
}

/** Jobs that are there at the end, and in which states a scheduler may show each. */
export function statesAtEnd(
  history: Pick<History, "events">,
): readonly { readonly name: string; readonly owner: string; readonly states: readonly string[] }[] {
  const { jobs } = replay(history, () => undefined);
  return [...jobs.values()].map((job) => ({
    name: job.metadata?.name ?? "",
    owner: ownerOf(job),
    states: statesOf(job),
  }));
}

function statesOf(job: V1Job): readonly string[] {
  const stopped =
    job.metadata?.annotations?.[clusterAnnotations.stop] === undefined
      ? []
      : ["deleted", "expired", "failed", "succeeded"]; // a program may end with 0 while it is being stopped
  if (isSuspended(job)) return stopped.length > 0 ? ["deleted", "expired", "failed"] : ["queued"];
  const succeeded = job.status?.conditions?.some(
    ({ type, status }) => type === "Complete" && status === "True",
  );
  return succeeded ? ["succeeded", ...stopped] : ["failed", "expired", ...stopped];
}
