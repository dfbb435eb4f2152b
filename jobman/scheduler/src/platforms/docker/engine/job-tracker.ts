import { setTimeout as pause } from "node:timers/promises";
import {
  type ContainerEvent,
  type ContainerRow,
  daemonAnswers,
  daemonUnavailable,
  inspectContainer,
  listContainers,
} from "@workstation/docker";
import type { EngineEvent, EngineJob } from "../../engine.ts";
import { type InitOutcome, readInitOutcome } from "../containers/init-outcome.ts";
import { instanceLabel, jobIdOf, specOf } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { resumeCapture } from "../output/capture.ts";
import { lookedStopped, type Outage, observeJob } from "./observe.ts";

/** What one connection has seen of the jobs' containers. Events only say where to look: what is told is what was seen. */
export interface JobTracker {
  /** The full picture, by one list and a close look at what ever started. */
  load(): Promise<readonly EngineJob[]>;
  /** Takes an event; looks at its job soon. `fail` hears when that look is impossible. */
  heard(event: Pick<ContainerEvent, "id" | "labels">, fail: (fault: unknown) => void): void;
  /** Looks at a job of which something is known that no event tells. */
  lookAgain(id: string, fail: (fault: unknown) => void): void;
  /** Compares a full list with what was seen, and looks where they differ. */
  check(fail: (fault: unknown) => void): Promise<void>;
}

interface SeenJob {
  readonly containers: Set<string>;
  /** The last thing told, without the specification. */
  told: string;
  looking: boolean;
  lookAgain: boolean;
}

/** A view that tells each change once. */
export function createJobTracker(
  context: EngineContext,
  outage: Outage,
  tell: (event: EngineEvent) => void,
): JobTracker {
  const jobs = new Map<string, SeenJob>();

  function seen(id: string): SeenJob {
    const known = jobs.get(id) ?? { containers: new Set(), told: "", looking: false, lookAgain: false };
    jobs.set(id, known);
    return known;
  }

  async function look(id: string): Promise<void> {
    const job = seen(id);
    if (job.looking) {
      job.lookAgain = true;
      return;
    }
    job.looking = true;
    try {
      do {
        job.lookAgain = false;
        report(id, job, await lookAt(context, job.containers, outage));
      } while (job.lookAgain);
    } finally {
      job.looking = false;
    }
  }

  function report(id: string, job: SeenJob, found: EngineJob | undefined): void {
    if (found === undefined) {
      if (job.containers.size === 0) jobs.delete(id);
      tell({ kind: "removed", id });
    } else if (job.told !== summary(found)) {
      job.told = summary(found);
      tell({ kind: "changed", job: found });
    }
  }

  function heard(event: Pick<ContainerEvent, "id" | "labels">, fail: (fault: unknown) => void): void {
    const id = jobIdOf(event.labels, context.instance);
    if (id === undefined) return;
    seen(id).containers.add(event.id);
    look(id).catch(fail);
  }

  return {
    heard,
    lookAgain: (id, fail) => {
      if (jobs.has(id)) look(id).catch(fail);
    },
    async load() {
      const rows = await listContainers(context.docker, instanceLabel(context.instance));
      const found = await observeAll(context, rows, outage);
      for (const { id, container, job } of found) {
        seen(id).containers.add(container);
        if (job !== undefined) seen(id).told = summary(job);
      }
      forgetEnded(context, rows);
      return mostAdvanced(found.flatMap(({ job }) => job ?? []));
    },
    async check(fail) {
      const rows = await listContainers(context.docker, instanceLabel(context.instance));
      const listed = new Set(rows.map((row) => row.id));
      for (const row of rows) if (differs(row, jobs, context)) heard(row, fail);
      for (const [id, job] of jobs) {
        if ([...job.containers].some((container) => !listed.has(container))) look(id).catch(fail);
      }
      forgetEnded(context, rows);
    },
  };
}

function summary({ spec: _, ...rest }: EngineJob): string {
  return JSON.stringify(rest);
}

function differs(row: ContainerRow, jobs: ReadonlyMap<string, SeenJob>, context: EngineContext): boolean {
  const id = jobIdOf(row.labels, context.instance);
  if (id === undefined) return false;
  const job = jobs.get(id);
  return job === undefined || !job.containers.has(row.id) || !job.told.includes(`"phase":"${phaseOf(row)}"`);
}

function phaseOf(row: ContainerRow): EngineJob["phase"] {
  if (row.status === "created") return "held";
  return row.status === "exited" || row.status === "dead" ? "ended" : "running";
}

/** Looks at each of a job's containers, and forgets those that are gone. */
async function lookAt(
  context: EngineContext,
  containers: Set<string>,
  outage: Outage,
): Promise<EngineJob | undefined> {
  const found = await Promise.all(
    [...containers].map(async (id) => [id, await closeLook(context, id, outage)] as const),
  );
  for (const [id, job] of found) if (job === undefined) containers.delete(id);
  return mostAdvanced(found.flatMap(([, job]) => job ?? []))[0];
}

async function closeLook(
  context: EngineContext,
  container: string,
  outage: Outage,
): Promise<EngineJob | undefined> {
  const state = await inspectContainer(context.docker, container);
  if (state === undefined || jobIdOf(state.labels, context.instance) === undefined) return undefined;
  const job = observeJob(state, outage);
  // An engine that goes down still tells what it stopped; its next start shows that it was the engine's doing.
  if (job?.phase === "ended" && lookedStopped(state) && !(await daemonAnswers(context.docker, 5_000))) {
    throw daemonUnavailable("it goes down");
  }
  if (job === undefined || job.phase === "held") return job;
  await resumeCapture(context, job.spec.id, container);
  if (job.phase === "running")
    return { ...job, ...withoutStop(await readInitOutcome(context.logs, job.spec.id)) };
  const ended = { ...job, ...(await initFactsOf(context, job)) };
  context.ended.set(container, ended);
  return ended;
}

/** An end is told when the output is complete; an engine that cannot give the rest does not hold it back for long. */
const outputMs = 10_000;

async function initFactsOf(context: EngineContext, job: EngineJob): Promise<Partial<EngineJob>> {
  const { id } = job.spec;
  const over = new AbortController();
  const patience = pause(outputMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
  await Promise.race([context.captures.get(id)?.done, patience]);
  over.abort();
  const outcome = await readInitOutcome(context.logs, id);
  const failed =
    context.site.limits.initPolicy === "fail" && job.exitCode !== 0 && outcome.stoppedJob === true;
  return { ...(failed ? { initFailed: true } : {}), ...withoutStop(outcome) };
}

function withoutStop({ initError }: InitOutcome): Pick<EngineJob, "initError"> {
  return initError === undefined ? {} : { initError };
}

interface Found {
  readonly id: string;
  readonly container: string;
  readonly job: EngineJob | undefined;
}

async function observeAll(
  context: EngineContext,
  rows: readonly ContainerRow[],
  outage: Outage,
): Promise<readonly Found[]> {
  const ours = rows.filter((row) => jobIdOf(row.labels, context.instance) !== undefined);
  const found: Found[] = [];
  for (let start = 0; start < ours.length; start += looksAtOnce) {
    const some = ours.slice(start, start + looksAtOnce);
    found.push(...(await Promise.all(some.map((row) => observeRow(context, row, outage)))));
  }
  return found;
}

const looksAtOnce = 16;

async function observeRow(context: EngineContext, row: ContainerRow, outage: Outage): Promise<Found> {
  const found = { id: jobIdOf(row.labels, context.instance) ?? "", container: row.id };
  const spec = specOf(row.labels);
  if (spec === undefined || row.status === "created") {
    return { ...found, job: spec === undefined ? undefined : { spec, phase: "held" } };
  }
  const known = context.ended.get(row.id) ?? (await closeLook(context, row.id, outage));
  return { ...found, job: known };
}

/** A container that ended can be started again by somebody else's hand: then it is no end any more. */
function forgetEnded(context: EngineContext, rows: readonly ContainerRow[]): void {
  const still = new Set(rows.filter((row) => phaseOf(row) === "ended").map((row) => row.id));
  for (const id of context.ended.keys()) if (!still.has(id)) context.ended.delete(id);
}

/** One entry a job: a start that was cut short can leave two containers, of which at most one ever ran. */
function mostAdvanced(jobs: readonly EngineJob[]): readonly EngineJob[] {
  const best = new Map<string, EngineJob>();
  for (const job of jobs) {
    const other = best.get(job.spec.id);
    if (other === undefined || rank[job.phase] > rank[other.phase]) best.set(job.spec.id, job);
  }
  return [...best.values()];
}

const rank = { held: 0, starting: 0, ended: 1, running: 2 } as const;
