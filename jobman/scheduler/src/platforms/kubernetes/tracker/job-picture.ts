import type { EngineEvent, EngineJob } from "../../engine.ts";
import { observeJob } from "../objects/observe.ts";
import type { JobView } from "../objects/read-job.ts";
import type { PodView } from "../objects/read-pod.ts";
import { sharedText } from "../objects/shared-text.ts";

/** Jobs and pods in one picture, by the UIDs of the Jobs. */
export interface JobPicture {
  readonly jobs: ReadonlyMap<string, JobView>;
  /** Of a job's id its UIDs, the newest last: a job that was deleted and made again has another. */
  readonly uids: Map<string, readonly string[]>;
  /** UIDs of each user's Jobs. */
  readonly owners: Map<string, Set<string>>;
  readonly pods: Map<string, Map<string, PodView>>;
  /** Pods that are gone, of Jobs that are not: how they ended, or why they never ran. */
  readonly lastPods: Map<string, PodView>;
  /** By flavor, whose slots are taken. */
  readonly holders: Map<string, Set<string>>;
  readonly told: Map<string, Told>;
  /** Ids of jobs that went, lately. */
  readonly gone: Set<string>;
  readonly listeners: Set<(event: EngineEvent) => void>;
}

/** What was said last of a job, without its specification. */
interface Told {
  readonly id: string;
  readonly owner: string;
  readonly flavor: string;
  readonly text: string;
}

export function createPicture(jobs: ReadonlyMap<string, JobView>): JobPicture {
  return {
    jobs,
    uids: new Map(),
    owners: new Map(),
    pods: new Map(),
    lastPods: new Map(),
    holders: new Map(),
    told: new Map(),
    gone: new Set(),
    listeners: new Set(),
  };
}

export function uidOf({ uids }: JobPicture, id: string): string {
  return uids.get(id)?.at(-1) ?? "";
}

export function podsOf({ pods }: JobPicture, uid: string): readonly PodView[] {
  return [...(pods.get(uid)?.values() ?? [])];
}

export function observe(picture: JobPicture, uid: string): EngineJob | undefined {
  const pods = podsOf(picture, uid);
  const lastPod = pods.length > 0 ? undefined : picture.lastPods.get(uid);
  return observeJob(picture.jobs.get(uid), lastPod === undefined ? pods : [lastPod]);
}

export function observeOwned(picture: JobPicture, owner: string): readonly EngineJob[] {
  return [...(picture.owners.get(owner) ?? [])].flatMap((uid) => observe(picture, uid) ?? []);
}

/** Each job once; pods without one count when it is known that theirs is gone. */
export function observeAll(picture: JobPicture): readonly EngineJob[] {
  const orphaned = [...picture.pods.keys()].filter((uid) => picture.told.has(uid));
  const all = new Set([...picture.jobs.keys(), ...orphaned]);
  return [...all].flatMap((uid) => observe(picture, uid) ?? []);
}

export function noteJob(picture: JobPicture, uid: string, job: JobView | undefined): void {
  if (job === undefined) {
    picture.lastPods.delete(uid);
    return;
  }
  const known = picture.uids.get(job.spec.id) ?? [];
  if (!known.includes(uid)) picture.uids.set(job.spec.id, [...known, uid]);
  entryOf(picture.owners, job.spec.owner, () => new Set()).add(uid);
}

/** Returns the UID of the pod's Job; undefined for a pod of which nothing is known. */
export function notePod(picture: JobPicture, uid: string, pod: PodView | undefined): string | undefined {
  const job = pod?.job ?? [...picture.pods].find(([, pods]) => pods.has(uid))?.[0];
  if (job === undefined) return undefined;
  const pods = entryOf(picture.pods, job, () => new Map());
  const before = pods.get(uid);
  if (pod !== undefined) pods.set(uid, pod);
  else {
    pods.delete(uid);
    if (before !== undefined && picture.jobs.has(job)) picture.lastPods.set(job, { ...before, over: true });
  }
  if (pods.size === 0) picture.pods.delete(job);
  return job;
}

/** Tells what is new of a job. */
export function tellChange(picture: JobPicture, uid: string): void {
  const job = observe(picture, uid);
  const before = picture.told.get(uid);
  if (before !== undefined) picture.holders.get(before.flavor)?.delete(uid);
  if (job === undefined) {
    if (before !== undefined) forget(picture, uid, before);
    return;
  }
  const { id, owner, flavor } = job.spec;
  if (job.phase === "starting" || job.phase === "running") {
    entryOf(picture.holders, flavor, () => new Set()).add(uid);
  }
  const { spec: _, ...facts } = job;
  const text = sharedText(JSON.stringify(facts));
  if (before?.text === text) return;
  picture.told.set(uid, { id, owner, flavor, text });
  tell(picture, { kind: "changed", job });
}

/** The other job of that id, if there is one, stays. */
function forget(picture: JobPicture, uid: string, { id, owner }: Told): void {
  picture.told.delete(uid);
  const owned = picture.owners.get(owner);
  owned?.delete(uid);
  if (owned?.size === 0) picture.owners.delete(owner);
  const others = picture.uids.get(id)?.filter((each) => each !== uid) ?? [];
  if (others.length > 0) {
    picture.uids.set(id, others);
    return;
  }
  picture.uids.delete(id);
  rememberGone(picture, id);
  tell(picture, { kind: "removed", id });
}

const rememberedGone = 10_000;

function rememberGone({ gone }: JobPicture, id: string): void {
  gone.add(id);
  const [oldest] = gone;
  if (gone.size > rememberedGone && oldest !== undefined) gone.delete(oldest);
}

function tell({ listeners }: JobPicture, event: EngineEvent): void {
  for (const listener of listeners) listener(event);
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}
