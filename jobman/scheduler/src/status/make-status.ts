import type { Core } from "../core/core.ts";
import type { Presenter } from "../jobs/presenter.ts";
import type { PlatformReport } from "../platforms/platform.ts";
import { deadlineOf, type JobRecord, type StartEstimate } from "../queue/index.ts";
import type { SchedulerStatus } from "./admin-protocol.ts";
import { slotUse } from "./slot-use.ts";

/** What does not change while a scheduler runs. */
export interface SchedulerFacts {
  readonly version: string;
  readonly instance: string;
  readonly engine: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly state: string;
  readonly run: string;
  readonly siteFile: string;
}

/** The state of everything, for the operator. */
export function makeStatus(
  facts: SchedulerFacts,
  parts: {
    readonly core: Core;
    readonly presenter: Presenter;
    readonly report: PlatformReport;
  },
): SchedulerStatus {
  const { core, presenter, report } = parts;
  const estimates = presenter.estimates();
  const active = core.records.active().toSorted((a, b) => a.spec.sequence - b.spec.sequence);
  return {
    ...facts,
    apiVersion: "v1",
    startedAt: iso(facts.startedAt),
    machine: report.machine,
    flavors: flavorRows(core, active),
    jobs: active.map((record) => jobRow(record, estimates.get(record.spec.id))),
    endedJobs: core.records.ended().length,
    users: [...report.users],
    leads: core.leads(),
    problems: [...core.problems.all()],
    faults: core.faults.recent().map((fault) => ({ ...fault, at: iso(fault.at) })),
  };
}

function flavorRows(core: Core, active: readonly JobRecord[]): SchedulerStatus["flavors"] {
  const use = slotUse(active);
  return core.flavors().map((flavor) => ({
    name: flavor.name,
    slots: flavor.slots,
    usableSlots: flavor.usableSlots,
    running: use.get(flavor.name)?.running ?? 0,
    waiting: use.get(flavor.name)?.waiting ?? 0,
    cores: flavor.resources.cores,
    memoryBytes: flavor.resources.memoryBytes,
    promisedCores: flavor.promised.cores,
    promisedMemoryBytes: flavor.promised.memoryBytes,
    ...(flavor.note === undefined ? {} : { note: flavor.note }),
  }));
}

function jobRow(record: JobRecord, estimate: StartEstimate | undefined): SchedulerStatus["jobs"][number] {
  const { spec } = record;
  const deadline = deadlineOf(record);
  return {
    id: spec.id,
    owner: spec.owner,
    name: spec.name,
    flavor: spec.flavor,
    state: record.state,
    reason: estimate?.reason ?? record.reason,
    stopping: record.stopping !== undefined,
    submittedAt: iso(spec.submittedAt),
    ...(record.startedAt === undefined ? {} : { startedAt: iso(record.startedAt) }),
    ...(deadline === undefined ? {} : { deadlineAt: iso(deadline) }),
    ...(estimate === undefined ? {} : { position: estimate.position }),
    ...(estimate?.latestStartAt === undefined ? {} : { latestStartAt: iso(estimate.latestStartAt) }),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
