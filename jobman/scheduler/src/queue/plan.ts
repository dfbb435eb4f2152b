import { type Heap, heapFrom, popHeap, pushHeap } from "./heap.ts";
import type { JobRecord, QueueSnapshot, StopCause } from "./model.ts";

/**
 * `end`: the job must stop running and its held container must go. It is repeated in every plan until the end was
 * seen, so that an end that was lost is asked for again; the engine's `end` is safe to repeat.
 * `admit`: the job gets a slot now; a job whose start had no answer is admitted again into the slot that it holds.
 */
export type Decision =
  | { readonly kind: "end"; readonly id: string; readonly cause: StopCause }
  | { readonly kind: "admit"; readonly id: string };

/**
 * What is to be done at `now` (milliseconds since the epoch): ends first, then admissions in the order in which
 * they are to be made. The order of `snapshot.jobs` does not matter; ended jobs may be among them.
 *
 * Each flavor's jobs are admitted strictly by `sequence`. A job whose owner is at the cap is passed over and keeps
 * its place. A flavor with more jobs than slots, because slots were taken away, admits nothing and ends nothing; what
 * waits for a flavor that is not in the snapshot ends.
 * Takes time linear in the jobs; each owner at the cap who stands among the first may cost one more pass.
 */
export function plan(snapshot: QueueSnapshot, now: number): readonly Decision[] {
  const ends: Decision[] = [];
  const retries: Decision[] = [];
  const room = roomOf(snapshot);
  // Formed before it is known who may start, because a second look at a long queue costs more than a few places.
  const lines = openLines(room);
  const offered = new Set(room.slots.keys());
  for (const job of snapshot.jobs) {
    const cause =
      causeOfEnd(job, now) ?? causeOfVainWait(job, offered) ?? causeOfVainStart(job, snapshot, now);
    if (job.holdsSlot) takeSlot(room, job);
    if (cause !== undefined) ends.push({ kind: "end", id: job.spec.id, cause });
    else if (job.state === "queued") join(lines, job);
    else if (job.state === "starting" && job.uncertain) retries.push({ kind: "admit", id: job.spec.id });
  }
  return [...ends, ...retries, ...admissions(snapshot, room, lines)];
}

/** When the next job reaches a limit of its run or its start (milliseconds since the epoch): the loop's timer. */
export function nextDeadline(snapshot: QueueSnapshot): number | undefined {
  let next: number | undefined;
  for (const job of snapshot.jobs) {
    const deadline =
      job.stopping === undefined ? (deadlineOf(job) ?? startLimitOf(job, snapshot)) : undefined;
    if (deadline !== undefined && (next === undefined || deadline < next)) next = deadline;
  }
  return next;
}

/** When a running job reaches its limit (milliseconds since the epoch). */
export function deadlineOf(job: JobRecord): number | undefined {
  if (job.state !== "running" || job.startedAt === undefined) return undefined;
  return job.startedAt + job.spec.timeLimitSeconds * 1000;
}

/** A job that is recorded as ended but runs all the same has nobody who asked: the queue's operator ends it. */
function causeOfEnd(job: JobRecord, now: number): StopCause | undefined {
  if (isFinal(job)) return job.holdsSlot ? (job.stopping ?? "operator") : undefined;
  if (job.stopping !== undefined) return job.stopping;
  const deadline = deadlineOf(job);
  return deadline !== undefined && now >= deadline ? "deadline" : undefined;
}

/** A flavor that the site has dropped will never have a slot. */
function causeOfVainWait({ state, spec }: JobRecord, offered: ReadonlySet<string>): StopCause | undefined {
  return state === "queued" && !offered.has(spec.flavor) ? "flavorRemoved" : undefined;
}

/** A slot that nothing can start in is wanted by the next in line. */
function causeOfVainStart(job: JobRecord, snapshot: QueueSnapshot, now: number): StopCause | undefined {
  const limit = startLimitOf(job, snapshot);
  return limit !== undefined && now >= limit ? "startTimeout" : undefined;
}

/** When a job that has not started until then is given up (milliseconds since the epoch). */
export function startLimitOf(
  { state, stopping, admittedAt }: JobRecord,
  { startTimeoutSeconds }: Pick<QueueSnapshot, "startTimeoutSeconds">,
): number | undefined {
  if (state !== "starting" || stopping !== undefined) return undefined;
  if (admittedAt === undefined || startTimeoutSeconds === undefined) return undefined;
  return admittedAt + startTimeoutSeconds * 1000;
}

function isFinal(job: JobRecord): boolean {
  return job.state !== "queued" && job.state !== "starting" && job.state !== "running";
}

/** What is still to be had: free slots of each flavor, and each owner's active jobs. */
interface Room {
  readonly slots: Map<string, number>;
  readonly active: Map<string, number>;
  readonly cap: number;
}

function roomOf(snapshot: QueueSnapshot): Room {
  const slots = new Map(snapshot.flavors.map((flavor) => [flavor.name, flavor.slots]));
  return { slots, active: new Map(), cap: snapshot.maxActiveJobsPerUser };
}

function takeSlot(room: Room, { spec }: JobRecord): void {
  room.slots.set(spec.flavor, (room.slots.get(spec.flavor) ?? 0) - 1);
  room.active.set(spec.owner, (room.active.get(spec.owner) ?? 0) + 1);
}

function hasSlot(room: Room, { spec }: JobRecord): boolean {
  return (room.slots.get(spec.flavor) ?? 0) > 0;
}

function isUnderCap(room: Room, { spec }: JobRecord): boolean {
  return (room.active.get(spec.owner) ?? 0) < room.cap;
}

/**
 * Admits in the order of all queues together. Where a job's owner turns out to be at the cap, the next in line moves
 * up: the lines are then formed anew, of those who may still start.
 */
function admissions(snapshot: QueueSnapshot, room: Room, first: Lines): readonly Decision[] {
  const admitted = new Set<JobRecord>();
  let lines = first;
  while (!admitInOrder(lines, room, admitted)) {
    lines = openLines(room);
    for (const job of snapshot.jobs) {
      const waits = job.state === "queued" && job.stopping === undefined && !admitted.has(job);
      if (waits && isUnderCap(room, job)) join(lines, job);
    }
  }
  return [...admitted].map((job) => ({ kind: "admit", id: job.spec.id }));
}

/** False as soon as somebody is passed over. */
function admitInOrder(lines: Lines, room: Room, admitted: Set<JobRecord>): boolean {
  const inOrder = [...lines.values()].flatMap((line) => line.last.items).sort(byOrder);
  for (const job of inOrder) {
    if (!hasSlot(room, job)) continue;
    if (!isUnderCap(room, job)) return false;
    takeSlot(room, job);
    admitted.add(job);
  }
  return true;
}

/** Of each flavor's waiting jobs the first ones. */
type Lines = ReadonlyMap<string, Line>;

/** The first `places` jobs that were seen; the last of them is on top of the heap. */
interface Line {
  readonly places: number;
  readonly last: Heap<JobRecord>;
}

/** Lines with a place for each slot that is left. */
function openLines(room: Room): Lines {
  const open = [...room.slots].filter(([, slots]) => slots > 0);
  return new Map(open.map(([flavor, places]) => [flavor, { places, last: heapFrom([], isBehind) }]));
}

function join(lines: Lines, job: JobRecord): void {
  const line = lines.get(job.spec.flavor);
  if (line === undefined) return;
  const { places, last } = line;
  const end = last.items[0];
  const isFull = last.items.length === places;
  if (isFull && end !== undefined && !isBefore(job, end)) return;
  if (isFull) popHeap(last);
  pushHeap(last, job);
}

function isBehind(a: JobRecord, b: JobRecord): boolean {
  return isBefore(b, a);
}

/** For `sort`. */
export function byOrder(a: JobRecord, b: JobRecord): number {
  return isBefore(a, b) ? -1 : 1;
}

/** The order of a queue: by sequence; the id decides between equals, which only a fault could make. */
function isBefore(a: JobRecord, b: JobRecord): boolean {
  return a.spec.sequence < b.spec.sequence || (a.spec.sequence === b.spec.sequence && a.spec.id < b.spec.id);
}
