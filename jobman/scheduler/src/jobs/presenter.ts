import { formatDuration } from "@workstation/cli";
import type { Job } from "@workstation/jobman/protocol";
import { type Core, snapshotOf } from "../core/core.ts";
import {
  deadlineOf,
  estimateStarts,
  type JobRecord,
  type StartEstimate,
  startLimitOf,
} from "../queue/index.ts";
import { describeJob } from "./message.ts";
import { notesOf } from "./notes.ts";

/** Shows records to people: joins what the queue, the site and the engine know. */
export interface Presenter {
  /** The job as its owner sees it. */
  present(record: JobRecord): Job;
  /** The estimates of all waiting jobs, reckoned at most once for each change of the queue. */
  estimates(): ReadonlyMap<string, StartEstimate>;
  /** The estimate of a job that is not in the queue, as if it were submitted now. */
  estimateFor(record: JobRecord): StartEstimate | undefined;
}

// Estimates move with the clock, too, but nobody needs them to the second.
const freshMs = 1000;

export function createPresenter(core: Core): Presenter {
  let cached:
    | { readonly version: number; readonly at: number; readonly map: ReadonlyMap<string, StartEstimate> }
    | undefined;
  const estimates = (): ReadonlyMap<string, StartEstimate> => {
    const version = core.records.version();
    const at = core.now();
    if (cached?.version !== version || at - cached.at > freshMs) {
      cached = { version, at, map: estimateStarts(snapshotOf(core), estimateOptions(core)) };
    }
    return cached.map;
  };
  return {
    estimates,
    estimateFor: (record) => estimateOne(core, record),
    present: (record) =>
      presentJob(core, record, record.state === "queued" ? estimates().get(record.spec.id) : undefined),
  };
}

/** The job as its owner sees it, with an estimate that was made for it. */
export function presentJob(core: Core, record: JobRecord, estimate: StartEstimate | undefined): Job {
  const { spec } = record;
  const flavor = core.flavors().find((each) => each.name === spec.flavor);
  const memoryBytes = spec.memoryBytes ?? flavor?.resources.memoryBytes ?? 0;
  const startError = core.records.startError(spec.id);
  const context = {
    flavors: core.flavors(),
    scratch: { bytes: core.site.limits.scratch, files: core.site.limits.scratchFiles },
    ...optional("estimate", estimate),
    ...optional("startError", startError),
  };
  return {
    name: spec.name,
    id: spec.id,
    image: spec.image,
    flavor: spec.flavor,
    command: [...spec.arguments],
    datasets: [...spec.datasets],
    annotations: spec.annotations,
    state: record.state,
    reason: estimate?.reason ?? record.reason,
    message: describeJob(record, context),
    ...optional("warning", startWarning(core, record, startError) ?? warningOf(core, record)),
    ...optional("notes", notesOf(record, memoryBytes)),
    submittedAt: iso(spec.submittedAt),
    ...optional("startedAt", optionalIso(record.startedAt)),
    ...optional("endedAt", optionalIso(record.endedAt)),
    ...optional("deadlineAt", optionalIso(deadlineOf(record))),
    timeLimitSeconds: spec.timeLimitSeconds,
    memoryBytes,
    cores: spec.cores ?? flavor?.resources.cores ?? 0,
    ...optional("exitCode", record.exitCode),
    ...optional("position", estimate?.position),
    ...optional("expectedStartAt", optionalIso(estimate?.expectedStartAt)),
    ...optional("latestStartAt", optionalIso(estimate?.latestStartAt)),
  };
}

/** When a running job's owner is warned of its time limit (milliseconds since the epoch). */
export function warningAt(core: Pick<Core, "site">, record: JobRecord): number | undefined {
  const deadline = deadlineOf(record);
  if (deadline === undefined || record.stopping !== undefined) return undefined;
  // A short job would else be warned from its first second on.
  return deadline - Math.min(core.site.limits.warnBefore, record.spec.timeLimitSeconds / 2) * 1000;
}

function warningOf(core: Core, record: JobRecord): string | undefined {
  const from = warningAt(core, record);
  const deadline = deadlineOf(record);
  if (from === undefined || deadline === undefined || core.now() < from) return undefined;
  const limit = formatDuration(record.spec.timeLimitSeconds);
  return `the job will be stopped at ${iso(deadline)}, when it has run for its time limit of ${limit}`;
}

/** The beginning of the engine's words, which stays the same while it tries again and again. */
function startWarning(core: Core, record: JobRecord, startError: string | undefined): string | undefined {
  if (record.state !== "starting" || record.stopping !== undefined || startError === undefined)
    return undefined;
  const [what = startError] = startError.split(": ");
  const { startTimeoutSeconds } = core;
  const limit = startLimitOf(record, startTimeoutSeconds === undefined ? {} : { startTimeoutSeconds });
  const until = limit === undefined ? "" : `; if that lasts it ends at ${iso(limit)}`;
  return `it cannot start: ${what}${until}`;
}

function estimateOptions(core: Core) {
  const stopGraceSeconds = core.site.limits.stopGrace;
  return { now: core.now(), stopGraceSeconds, history: core.records.history() };
}

function estimateOne(core: Core, record: JobRecord): StartEstimate | undefined {
  const snapshot = snapshotOf(core);
  const options = { ...estimateOptions(core), flavor: record.spec.flavor };
  return estimateStarts({ ...snapshot, jobs: [...snapshot.jobs, record] }, options).get(record.spec.id);
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function optionalIso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : iso(milliseconds);
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined) {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value };
}
