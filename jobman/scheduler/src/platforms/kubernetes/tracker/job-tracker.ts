import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { containerLabels, type Site } from "@workstation/site";
import type { EngineEvent, EngineJob } from "../../engine.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type ApiObject, createReflector, type Reflector } from "../api/reflector.ts";
import { type JobView, readJob } from "../objects/read-job.ts";
import { type PodView, readPod } from "../objects/read-pod.ts";
import {
  createPicture,
  type JobPicture,
  noteJob,
  notePod,
  observe,
  observeAll,
  observeOwned,
  podsOf,
  tellChange,
  uidOf,
} from "./job-picture.ts";
import { type Missing, search, whatIsMissing } from "./search.ts";

/** The jobs of an instance as the API server shows them. */
export interface JobTracker {
  /** Follows the API server until `signal`. */
  run(signal: AbortSignal): Promise<void>;
  readonly synced: Promise<void>;
  /** The newest Job of that id. */
  find(id: string): JobView | undefined;
  findByUid(uid: string): JobView | undefined;
  observe(id: string): EngineJob | undefined;
  podsOf(id: string): readonly PodView[];
  /** The pod whose container ran last, or will. */
  podOf(id: string): PodView | undefined;
  all(): readonly EngineJob[];
  ofOwner(owner: string): readonly EngineJob[];
  /** Whether a job is not over; undefined for one that was never seen. */
  isActive(id: string): boolean | undefined;
  /** Those that hold a slot of the flavor, by the UIDs of their Jobs. */
  holders(flavor: string): ReadonlySet<string>;
  /** Takes a Job that a write was answered with. */
  take(job: V1Job): void;
  /** Hears each change once; returns how to stop it. */
  listen(listener: (event: EngineEvent) => void): () => void;
  /** Resolves with the first answer that is not undefined, asked now and after each change of the job; with undefined at `signal`. */
  until<T>(id: string, question: () => T | undefined, signal: AbortSignal): Promise<T | undefined>;
}

export interface TrackerOptions {
  readonly connection: ClusterConnection;
  readonly instance: string;
  readonly site: Pick<Site, "kubernetes">;
  readonly onFault: (fault: unknown) => void;
  readonly silenceMs?: number;
}

export function createJobTracker(options: TrackerOptions): JobTracker {
  const { jobs, pods, picture } = reflect(options);
  return {
    run: async (signal) => {
      await Promise.all([jobs.run(signal), pods.run(signal)]);
    },
    synced: Promise.all([jobs.synced, pods.synced]).then(() => undefined),
    find: (id) => picture.jobs.get(uidOf(picture, id)),
    findByUid: (uid) => picture.jobs.get(uid),
    observe: (id) => observe(picture, uidOf(picture, id)),
    podsOf: (id) => podsOf(picture, uidOf(picture, id)),
    podOf: (id) => lastStarted(podsOf(picture, uidOf(picture, id))),
    all: () => observeAll(picture),
    ofOwner: (owner) => observeOwned(picture, owner),
    isActive: (id) => {
      const job = observe(picture, uidOf(picture, id));
      return job === undefined ? (picture.gone.has(id) ? false : undefined) : job.phase !== "ended";
    },
    holders: (flavor) => picture.holders.get(flavor) ?? new Set(),
    take: (job) => jobs.take(job as ApiObject),
    listen: (listener) => {
      picture.listeners.add(listener);
      return () => picture.listeners.delete(listener);
    },
    until: (id, question, signal) => untilAnswered(picture, { id, question, signal }),
  };
}

function reflect(options: TrackerOptions): {
  readonly jobs: Reflector<JobView>;
  readonly pods: Reflector<PodView>;
  readonly picture: JobPicture;
} {
  const { connection, instance, onFault, silenceMs } = options;
  const namespace = options.site.kubernetes.sharedNamespace ?? undefined;
  const common = {
    connection,
    onFault,
    labelSelector: `${containerLabels.instance}=${instance},${containerLabels.kind}=job`,
    ...(silenceMs === undefined ? {} : { silenceMs }),
  };
  /** What was looked for, and is as it was found: by the UIDs of Jobs. */
  const searched = new Map<string, Missing>();
  const searching = new Set<string>();
  const look = (uid: string): void => {
    const missing = whatIsMissing({ pods, picture }, uid);
    if (missing === undefined || searched.get(uid) === missing) tellChange(picture, uid);
    else if (!searching.has(uid)) {
      searching.add(uid);
      void search({ options, jobs, pods, picture }, uid, missing).then(() => {
        searching.delete(uid);
        searched.set(uid, missing);
        look(uid);
      });
    }
  };
  const jobs = createReflector<JobView>({
    ...common,
    path: paths.jobs(namespace),
    trim: (object) => readJob(object as V1Job, options),
    onChange: (uid, job) => {
      noteJob(picture, uid, job);
      if (job === undefined) searched.delete(uid);
      look(uid);
    },
  });
  const pods = createReflector<PodView>({
    ...common,
    path: paths.pods(namespace),
    trim: (object) => readPod(object as V1Pod, options),
    onChange: (uid, pod) => {
      const job = notePod(picture, uid, pod);
      if (job !== undefined) look(job);
    },
  });
  const picture = createPicture(jobs.objects);
  return { jobs, pods, picture };
}

function lastStarted(pods: readonly PodView[]): PodView | undefined {
  return pods.toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))[0];
}

async function untilAnswered<T>(
  { listeners }: JobPicture,
  wanted: { readonly id: string; readonly question: () => T | undefined; readonly signal: AbortSignal },
): Promise<T | undefined> {
  const { id, question, signal } = wanted;
  const { promise, resolve } = Promise.withResolvers<T | undefined>();
  const ask = (): void => {
    const answer = question();
    if (answer !== undefined || signal.aborted) resolve(answer);
  };
  const listener = (event: EngineEvent): void => {
    if (event.kind !== "snapshot" && idOf(event) === id) ask();
  };
  listeners.add(listener);
  signal.addEventListener("abort", ask, { once: true });
  ask();
  try {
    return await promise;
  } finally {
    listeners.delete(listener);
    signal.removeEventListener("abort", ask);
  }
}

function idOf(event: Exclude<EngineEvent, { kind: "snapshot" }>): string {
  return event.kind === "changed" ? event.job.spec.id : event.id;
}
