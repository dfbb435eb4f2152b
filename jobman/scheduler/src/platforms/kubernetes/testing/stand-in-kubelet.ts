import { setTimeout as pause } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { containerLabels } from "@workstation/site";
import { ClusterError, isAmbiguous } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { type ApiObject, createReflector, type Reflected } from "../api/reflector.ts";
import { jobContainer } from "../objects/names.ts";

/**
 * Stands in for the kubelet and the scheduler of pods where many jobs are let go and nothing has to run: it gives an
 * instance's pods a node, a start and an end of their own, as a real kubelet tells it.
 */
export interface StandInKubelet {
  /** Pods that are being deleted stay so, as on a node that went silent, until `release`. */
  holdTerminating(): void;
  release(): void;
  stop(): Promise<void>;
}

/** What a job's arguments say to it: run so long, then exit so. It goes at TERM. */
export function runFor(milliseconds: number, exitCode = 0): readonly string[] {
  return ["stand-in", String(milliseconds), String(exitCode)];
}

const node = "stand-in";

export async function startStandInKubelet(
  connection: ClusterConnection,
  instance: string,
): Promise<StandInKubelet> {
  await makeNode(connection);
  const state: KubeletState = { connection, pods: new Map(), holding: false };
  const stopped = new AbortController();
  const reflector = createReflector<SeenPod>({
    connection,
    path: paths.pods(),
    labelSelector: `${containerLabels.instance}=${instance}`,
    trim: seen,
    onChange: (uid, pod) => void look(state, uid, pod),
    onFault: () => undefined,
  });
  const running = reflector.run(stopped.signal);
  return {
    holdTerminating: () => {
      state.holding = true;
    },
    release: () => {
      state.holding = false;
      for (const { uid, pod } of reflector.objects.values()) void look(state, uid, { pod });
    },
    stop: async () => {
      stopped.abort();
      for (const { timers } of state.pods.values()) for (const timer of timers) clearTimeout(timer);
      await running;
    },
  };
}

interface SeenPod extends Reflected {
  readonly pod: V1Pod;
}

interface KubeletState {
  readonly connection: ClusterConnection;
  readonly pods: Map<string, Course>;
  holding: boolean;
}

/** How far a pod is. */
interface Course {
  bound: boolean;
  startedAt?: Date;
  ending: boolean;
  stuck: boolean;
  removed: boolean;
  deadline?: number;
  readonly timers: NodeJS.Timeout[];
}

function seen(object: ApiObject): SeenPod | undefined {
  const { uid, resourceVersion } = object.metadata ?? {};
  if (uid === undefined || resourceVersion === undefined) return undefined;
  return { uid, resourceVersion, pod: object as V1Pod };
}

async function look(
  state: KubeletState,
  uid: string,
  seenPod: Pick<SeenPod, "pod"> | undefined,
): Promise<void> {
  if (seenPod === undefined) return forget(state, uid);
  const { pod } = seenPod;
  const course = state.pods.get(uid) ?? {
    bound: false,
    ending: false,
    stuck: false,
    removed: false,
    timers: [],
  };
  state.pods.set(uid, course);
  const isOver = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  if (pod.metadata?.deletionTimestamp !== undefined) return leave(state, pod, { course, isOver });
  if (isOver) return;
  if (!course.bound) await begin(state, pod, course);
  else mindDeadline(state, pod, course);
}

function forget({ pods }: KubeletState, uid: string): void {
  for (const timer of pods.get(uid)?.timers ?? []) clearTimeout(timer);
  pods.delete(uid);
}

async function begin(state: KubeletState, pod: V1Pod, course: Course): Promise<void> {
  course.bound = true;
  const { namespace = "", name = "" } = pod.metadata ?? {};
  const binding = { metadata: { name }, target: { apiVersion: "v1", kind: "Node", name: node } };
  const path = `${paths.pod(namespace, name)}/binding`;
  await insist(() => state.connection.ask("POST", path, { body: binding }));
  course.startedAt ??= new Date();
  const startedAt = course.startedAt.toISOString();
  await setStatus(state, pod, {
    phase: "Running",
    startTime: startedAt,
    containerStatuses: [containerStatus(pod, { running: { startedAt } })],
  });
  const [, milliseconds = "0", exitCode = "0"] = wordsOf(pod);
  const end = () => void finish(state, pod, { course, exitCode: Number(exitCode) });
  course.timers.push(setTimeout(end, Number(milliseconds)));
  mindDeadline(state, pod, course);
}

function wordsOf({ spec }: V1Pod): readonly string[] {
  const [container] = spec?.containers ?? [];
  const words = [...(container?.command ?? []), ...(container?.args ?? [])];
  return words.slice(Math.max(0, words.indexOf("stand-in")));
}

/** Counts from the pod's own start, and may be lowered. */
function mindDeadline(state: KubeletState, pod: V1Pod, course: Course): void {
  const seconds = pod.spec?.activeDeadlineSeconds;
  if (seconds === undefined || course.startedAt === undefined || course.deadline === seconds) return;
  course.deadline = seconds;
  const left = course.startedAt.getTime() + seconds * 1000 - Date.now();
  const end = () => void finish(state, pod, { course, exitCode: 143, reason: "DeadlineExceeded" });
  course.timers.push(setTimeout(end, Math.max(0, left)));
}

async function finish(
  state: KubeletState,
  pod: V1Pod,
  how: { readonly course: Course; readonly exitCode: number; readonly reason?: string },
): Promise<void> {
  const { course, exitCode, reason } = how;
  if (course.ending || course.stuck) return;
  course.ending = true;
  const startedAt = (course.startedAt ?? new Date()).toISOString();
  const ended = { exitCode, startedAt, finishedAt: new Date().toISOString() };
  await setStatus(state, pod, {
    phase: exitCode === 0 ? "Succeeded" : "Failed",
    ...(reason === undefined ? {} : { reason }),
    containerStatuses: [containerStatus(pod, { terminated: ended })],
  });
}

/** TERM, and the container goes at once; then the object. */
async function leave(
  state: KubeletState,
  pod: V1Pod,
  { course, isOver }: { readonly course: Course; readonly isOver: boolean },
): Promise<void> {
  course.stuck = state.holding;
  if (course.stuck || course.removed) return;
  if (!isOver) return finish(state, pod, { course, exitCode: 143 });
  course.removed = true;
  const { namespace = "", name = "", uid } = pod.metadata ?? {};
  const body = { gracePeriodSeconds: 0, preconditions: { uid } };
  await insist(() => state.connection.ask("DELETE", paths.pod(namespace, name), { body }));
}

function containerStatus({ spec }: V1Pod, state: object) {
  const image = spec?.containers[0]?.image ?? "";
  return { name: jobContainer, image, imageID: image, ready: false, restartCount: 0, state };
}

async function setStatus({ connection }: KubeletState, pod: V1Pod, status: object): Promise<void> {
  const { namespace = "", name = "", uid } = pod.metadata ?? {};
  const body = { metadata: { uid }, status };
  const path = `${paths.pod(namespace, name)}/status`;
  await insist(() => connection.ask("PATCH", path, { body, patch: "merge" }));
}

const againMs = 200;

/** What is gone, or was done by then, needs nothing; a server that is away comes back. */
async function insist(ask: () => Promise<unknown>): Promise<void> {
  for (let left = 150; left > 0; left -= 1) {
    try {
      await ask();
      return;
    } catch (error) {
      if (!(error instanceof ClusterError)) throw error;
      if (!isAmbiguous(error)) return;
      await pause(againMs, undefined, { ref: false });
    }
  }
}

/** One that says that it is there; nobody looks after it for as long as a test takes. */
async function makeNode(connection: ClusterConnection): Promise<void> {
  const body = { apiVersion: "v1", kind: "Node", metadata: { name: node } };
  await insist(() => connection.ask("POST", paths.nodes(), { body }));
}
