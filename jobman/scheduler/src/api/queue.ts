import { apiErrorSchema, type QueueTable, queueSchema } from "@workstation/jobman/protocol";
import type { JobRecord, StartEstimate } from "../queue/index.ts";
import type { App } from "./app.ts";
import { userOf } from "./asker.ts";
import type { Services } from "./services.ts";

type QueueEntry = QueueTable["queue"][number];

/** Who waits and runs, without names: only the asker's own jobs have theirs. */
export function addQueueRoute(app: App, { core, presenter }: Services): void {
  app.get("/v1/queue", { schema: { response: { 200: queueSchema, default: apiErrorSchema } } }, (request) => {
    const { name } = userOf(request);
    const estimates = presenter.estimates();
    const queue = core.records
      .active()
      .toSorted((a, b) => a.spec.sequence - b.spec.sequence)
      .map((record) => entryFor(record, name, estimates.get(record.spec.id)));
    return { apiVersion: "v1" as const, queue };
  });
}

function entryFor(record: JobRecord, asker: string, estimate: StartEstimate | undefined): QueueEntry {
  const mine = record.spec.owner === asker;
  return {
    flavor: record.spec.flavor,
    state: record.state,
    mine,
    submittedAt: iso(record.spec.submittedAt),
    ...(mine ? { name: record.spec.name } : {}),
    ...(estimate === undefined ? {} : { position: estimate.position }),
    ...(record.startedAt === undefined ? {} : { startedAt: iso(record.startedAt) }),
    ...(estimate?.expectedStartAt === undefined ? {} : { expectedStartAt: iso(estimate.expectedStartAt) }),
    ...(estimate?.latestStartAt === undefined ? {} : { latestStartAt: iso(estimate.latestStartAt) }),
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
