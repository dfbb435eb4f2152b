import {
  apiErrorSchema,
  isActive,
  jobListSchema,
  jobSchema,
  submitRequestSchema,
  submitResponseSchema,
} from "@workstation/jobman/protocol";
import { volumesFor } from "@workstation/site";
import { z } from "zod";
import { deleteJob, deleteJobs } from "../jobs/delete.ts";
import { findJob } from "../jobs/find.ts";
import { presentJob } from "../jobs/presenter.ts";
import type { JobRecord } from "../queue/index.ts";
import { argumentsAfterEntrypoint } from "../submit/entrypoint-rule.ts";
import type { SubmitOrder } from "../submit/submit.ts";
import type { App } from "./app.ts";
import { userOf } from "./asker.ts";
import { auditRefusal } from "./audit-refusal.ts";
import { sendJobList } from "./send-job-list.ts";
import type { Services } from "./services.ts";

export const jobParams = z.object({ name: z.string() });
const states = z.enum(["active", "ended", "all"]).default("all");
const flag = z.enum(["true", "false"]).default("false");

/** The asker's jobs: submit, list, look at, delete. */
export function addJobRoutes(app: App, services: Services): void {
  addReadingRoutes(app, services);
  addSubmitRoute(app, services);
  addDeletingRoutes(app, services);
}

function addReadingRoutes(app: App, { core, presenter }: Services): void {
  app.get(
    "/v1/jobs",
    {
      schema: {
        querystring: z.object({ state: states }),
        response: { 200: jobListSchema, default: apiErrorSchema },
      },
    },
    (request, reply) => {
      const records = core.records.ofOwner(userOf(request).name).filter(inState(request.query.state));
      return sendJobList(reply, records.toSorted(bySequence).values().map(presenter.present));
    },
  );
  app.get(
    "/v1/jobs/:name",
    { schema: { params: jobParams, response: { 200: jobSchema, default: apiErrorSchema } } },
    async (request) => presenter.present(await findJob(core, userOf(request), request.params.name)),
  );
}

function addSubmitRoute(app: App, services: Services): void {
  const { core } = services;
  app.post(
    "/v1/jobs",
    {
      schema: {
        querystring: z.object({ dryRun: flag }),
        body: submitRequestSchema,
        response: { 200: submitResponseSchema, 201: submitResponseSchema, default: apiErrorSchema },
      },
      // Here and not in the handler: a request that no handler ever saw is a refusal, too.
      errorHandler: (error, request, reply) => {
        const isDryRun = (request.query as { readonly dryRun?: unknown }).dryRun === "true";
        if (!isDryRun)
          auditRefusal(core, { user: request.asker?.name ?? "(nobody)", body: request.body }, error);
        app.errorHandler(error, request, reply);
      },
    },
    async (request, reply) => {
      const order = { user: userOf(request), request: request.body };
      if (request.query.dryRun === "true") return tryOut(services, order);
      const { record, warnings } = await services.submitter.submit(order);
      const job = services.presenter.present(core.records.get(record.spec.id) ?? record);
      return reply.status(201).send({ apiVersion: "v1" as const, job, warnings: [...warnings] });
    },
  );
}

async function tryOut({ core, submitter, presenter }: Services, order: SubmitOrder) {
  const { record, warnings } = await submitter.tryOut(order);
  const { spec } = record;
  const volumes = volumesFor(core.site, { user: spec.owner, datasets: spec.datasets });
  return {
    apiVersion: "v1" as const,
    job: presentJob(core, record, presenter.estimateFor(record)),
    warnings: [...warnings],
    dryRun: {
      arguments: [...argumentsAfterEntrypoint(spec.arguments, spec.exact)],
      mounts: volumes.map(({ target, readOnly }) => ({ target, readOnly })),
    },
  };
}

function addDeletingRoutes(app: App, { core, presenter }: Services): void {
  app.delete(
    "/v1/jobs/:name",
    { schema: { params: jobParams, response: { 200: jobSchema, default: apiErrorSchema } } },
    async (request) => {
      const record = await findJob(core, userOf(request), request.params.name);
      return presenter.present(await deleteJob(core, record, "user"));
    },
  );
  app.delete(
    "/v1/jobs",
    { schema: { response: { 200: jobListSchema, default: apiErrorSchema } } },
    async (request, reply) => {
      const records = core.records.ofOwner(userOf(request).name).toSorted(bySequence);
      const deleted = await deleteJobs(core, records, "user");
      return sendJobList(reply, deleted.values().map(presenter.present));
    },
  );
}

function inState(state: z.infer<typeof states>): (record: JobRecord) => boolean {
  if (state === "all") return () => true;
  return (record) => isActive(record.state) === (state === "active");
}

function bySequence(a: JobRecord, b: JobRecord): number {
  return a.spec.sequence - b.spec.sequence;
}
